-- Which networks have scheduled reports: asked by the worker before it binds one after the other. Ids only.
GRANT SELECT (network_id) ON ledger_reportschedule TO caretree_lookup;
CREATE POLICY lookup ON ledger_reportschedule FOR SELECT TO caretree_lookup USING (true);
CREATE FUNCTION lookup.networks_with_schedules() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.ledger_reportschedule ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_schedules() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_schedules() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_schedules() TO caretree_web;
