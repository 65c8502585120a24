DROP FUNCTION lookup.network_of_host(text, text);
DROP POLICY lookup ON orgs_hostname;
REVOKE SELECT (network_id, name, face, confirmed_at) ON orgs_hostname FROM caretree_lookup;
DROP FUNCTION lookup.network_of_logo(text);
DROP POLICY lookup ON orgs_logo;
REVOKE SELECT (network_id, sha256) ON orgs_logo FROM caretree_lookup;
