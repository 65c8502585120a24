-- The Parent Accounts of an enterprise, before any of them is bound: ids only.
GRANT SELECT (id, enterprise_id) ON core_network TO caretree_lookup;
CREATE POLICY lookup ON core_network FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.networks_of_enterprise(the_enterprise bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT id FROM public.core_network WHERE enterprise_id = the_enterprise ORDER BY id
$$;
ALTER FUNCTION lookup.networks_of_enterprise(bigint) OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_of_enterprise(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_of_enterprise(bigint) TO caretree_web;
