DROP FUNCTION lookup.networks_of_enterprise(bigint);
DROP POLICY lookup ON core_network;
REVOKE SELECT (id, enterprise_id) ON core_network FROM caretree_lookup;
