DROP FUNCTION app.settings_in_force(bigint[], text[], timestamptz);
DROP TRIGGER renew_settings_version ON orgs_organization;
DROP TRIGGER renew_version ON orgs_settingwaiver;
DROP TRIGGER renew_version ON orgs_settingassignment;
DROP FUNCTION app.renew_settings_version();
