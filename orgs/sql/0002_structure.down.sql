REVOKE USAGE ON SEQUENCE core_network_id_seq FROM caretree_web;
DROP FUNCTION lookup.network_of_invitation(text);
DROP FUNCTION lookup.networks_of_user(bigint);
DROP POLICY lookup ON orgs_invitation;
DROP POLICY lookup ON orgs_membership;
REVOKE ALL ON orgs_invitation, orgs_membership FROM caretree_lookup;
DROP TRIGGER structure ON orgs_organization;
DROP FUNCTION app.check_organization();
