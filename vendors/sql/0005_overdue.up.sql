GRANT SELECT (network_id, status, due_at, escalated_at) ON vendors_servicerequest TO caretree_lookup;
CREATE POLICY lookup ON vendors_servicerequest FOR SELECT TO caretree_lookup USING (true);
CREATE FUNCTION lookup.networks_with_overdue_requests() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.vendors_servicerequest
     WHERE status IN ('requested', 'received', 'accepted', 'in-progress') AND escalated_at IS NULL AND due_at < now()
     ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_overdue_requests() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_overdue_requests() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_overdue_requests() TO caretree_web;
