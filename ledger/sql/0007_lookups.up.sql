-- Which networks have deltas to fold: asked by the worker before it binds one after the other. Ids only.
GRANT SELECT (network_id) ON ledger_balancedelta TO caretree_lookup;
CREATE POLICY lookup ON ledger_balancedelta FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.networks_with_deltas() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.ledger_balancedelta ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_deltas() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_deltas() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_deltas() TO caretree_web;
