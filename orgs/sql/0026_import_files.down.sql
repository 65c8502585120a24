DROP FUNCTION lookup.networks_with_import_files();
DROP POLICY lookup ON orgs_organizationimport;
REVOKE SELECT (network_id, file_removed_at) ON orgs_organizationimport FROM caretree_lookup;
DROP TRIGGER file_stays ON orgs_organizationimport;
DROP FUNCTION app.keep_import_file();
