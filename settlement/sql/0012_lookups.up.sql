-- Which networks have netting agreements: asked by the worker before it binds one after the other. Ids only.
GRANT SELECT (network_id) ON settlement_nettingagreement TO caretree_lookup;
CREATE POLICY lookup ON settlement_nettingagreement FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.networks_with_agreements() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.settlement_nettingagreement ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_agreements() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_agreements() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_agreements() TO caretree_web;
