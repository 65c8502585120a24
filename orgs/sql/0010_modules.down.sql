DROP FUNCTION app.modules_in_force(bigint[], text[]);
DROP TRIGGER renew_version_on_move ON orgs_organization;
DROP TRIGGER renew_version ON orgs_moduleassignment;
