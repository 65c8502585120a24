-- What was sent never changes: it is what its digest says, until it goes.
ALTER TABLE ledger_redemptionimport ADD CONSTRAINT redemptionimport_content_is_what_was_sent
    CHECK (content IS NULL OR sha256 = encode(sha256(content), 'hex'));

-- Which networks have imports whose lines may be old: asked by the worker before it binds one after the other. Ids only.
GRANT SELECT (network_id, lines_removed_at) ON ledger_redemptionimport TO caretree_lookup;
CREATE POLICY lookup ON ledger_redemptionimport FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.networks_with_redemption_imports() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.ledger_redemptionimport WHERE lines_removed_at IS NULL ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_redemption_imports() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_redemption_imports() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_redemption_imports() TO caretree_web;
