-- Which networks have packages of which some is expected never to be used: asked by the worker before it binds one after
-- the other. Ids only; whoever is bound looks whose setting says that it is taken.
GRANT SELECT (network_id, breakage_percent) ON ledger_package TO caretree_lookup;
CREATE POLICY lookup ON ledger_package FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.networks_with_breakage() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.ledger_package WHERE breakage_percent IS NOT NULL ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_breakage() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_breakage() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_breakage() TO caretree_web;
