-- The lines of many entitlements and their pools of breakage, locked in order until the end of the transaction.
CREATE FUNCTION posting.lock_entitlements(the_entitlements bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM FROM public.ledger_entitlementline line
      WHERE line.network_id = app.network_id() AND line.entitlement_id = ANY (the_entitlements)
      ORDER BY line.id FOR NO KEY UPDATE;
    PERFORM FROM public.ledger_breakagepool pool
      WHERE pool.network_id = app.network_id() AND (pool.holder_id, pool.package_id) IN (
            SELECT entitlement.holder_id, entitlement.package_id FROM public.ledger_entitlement entitlement
             WHERE entitlement.network_id = app.network_id() AND entitlement.id = ANY (the_entitlements))
      ORDER BY pool.id FOR NO KEY UPDATE;
END $$;
ALTER FUNCTION posting.lock_entitlements(bigint[]) OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.lock_entitlements(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting.lock_entitlements(bigint[]) TO caretree_web;
