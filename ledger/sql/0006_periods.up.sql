-- Closing periods, folding deltas, and the locks under which redemptions and breakage are computed.

-- Closes a month and all earlier ones of some organizations; waits for postings in flight. Returns how many moved on.
CREATE FUNCTION posting.close_period(
    the_organizations bigint[], the_month date, the_actor_kind text, the_actor_id bigint, the_actor_label text)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    network bigint := app.network_id();
    first_day date := date_trunc('month', the_month::timestamp)::date;
    last_day date := (date_trunc('month', the_month::timestamp) + interval '1 month - 1 day')::date;
    closed integer;
BEGIN
    PERFORM pg_advisory_xact_lock((3::bigint << 56) + book)
       FROM (SELECT DISTINCT unnest(the_organizations) AS book ORDER BY 1) sorted;
    WITH moved AS (
        INSERT INTO public.ledger_periodclose AS period (network_id, organization_id, closed_through)
        SELECT network, organization.id, last_day FROM public.orgs_organization organization
         WHERE organization.network_id = network AND organization.id = ANY (the_organizations)
           AND organization.kind <> 'third_party'
         ORDER BY organization.id
        ON CONFLICT (network_id, organization_id) DO UPDATE SET closed_through = excluded.closed_through
         WHERE period.closed_through < excluded.closed_through
        RETURNING period.organization_id),
    told AS (
        INSERT INTO public.ledger_periodclosing (
            network_id, organization_id, month, closed_at, actor_kind, actor_id, actor_label)
        SELECT network, moved.organization_id, first_day, clock_timestamp(), the_actor_kind, the_actor_id,
               the_actor_label FROM moved)
    SELECT count(*) INTO closed FROM moved;
    RETURN closed;
END $$;

-- Moves waiting deltas of the bound network into its balances, by month and as they stand day by day; one folder at a
-- time, the others return 0. What is posted into the past raises every later day of its accounts.
CREATE FUNCTION posting.fold_deltas(at_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    folded integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock((4::bigint << 56) + app.network_id()) THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM public.ledger_balancedelta
         WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.ledger_balancedelta LIMIT at_most))
        RETURNING account_id, effective_on, debit_minor, credit_minor),
    summed AS (
        SELECT account_id, date_trunc('month', effective_on::timestamp)::date AS month,
               sum(debit_minor)::bigint AS debit_minor, sum(credit_minor)::bigint AS credit_minor, count(*) AS deltas
          FROM taken GROUP BY 1, 2),
    -- What the deltas add to an account from a day on, until the next day that they name.
    rise AS (
        SELECT account_id, effective_on, sum(sum(debit_minor)) OVER until_then AS debit_minor,
               sum(sum(credit_minor)) OVER until_then AS credit_minor, lead(effective_on) OVER until_then AS next_on
          FROM taken GROUP BY account_id, effective_on
        WINDOW until_then AS (PARTITION BY account_id ORDER BY effective_on)),
    raised AS (
        UPDATE public.ledger_standing standing
           SET debit_minor = standing.debit_minor + rise.debit_minor,
               credit_minor = standing.credit_minor + rise.credit_minor
          FROM rise
         WHERE standing.account_id = rise.account_id AND standing.effective_on >= rise.effective_on
           AND (standing.effective_on < rise.next_on OR rise.next_on IS NULL)),
    stood AS (
        INSERT INTO public.ledger_standing (network_id, account_id, effective_on, debit_minor, credit_minor)
        SELECT app.network_id(), rise.account_id, rise.effective_on,
               coalesce(earlier.debit_minor, 0) + rise.debit_minor,
               coalesce(earlier.credit_minor, 0) + rise.credit_minor
          FROM rise
          LEFT JOIN LATERAL (
               SELECT effective_on, debit_minor, credit_minor FROM public.ledger_standing standing
                WHERE standing.account_id = rise.account_id AND standing.effective_on <= rise.effective_on
                ORDER BY standing.effective_on DESC LIMIT 1) earlier ON true
         WHERE earlier.effective_on IS DISTINCT FROM rise.effective_on),
    written AS (
        INSERT INTO public.ledger_balance AS balance (
            network_id, account_id, month, organization_id, counterparty_id, code, currency, debit_minor,
            credit_minor)
        SELECT account.network_id, account.id, summed.month, account.organization_id, account.counterparty_id,
               account.code, account.currency, summed.debit_minor, summed.credit_minor
          FROM summed JOIN public.ledger_account account ON account.id = summed.account_id
        ON CONFLICT (account_id, month) DO UPDATE
           SET debit_minor = balance.debit_minor + excluded.debit_minor,
               credit_minor = balance.credit_minor + excluded.credit_minor)
    SELECT coalesce(sum(deltas), 0) INTO folded FROM summed;
    RETURN folded;
END $$;

-- The lines of an entitlement and its pool of breakage, locked in order until the end of the transaction: who computes
-- what a redemption recognizes waits here for whoever else does.
CREATE FUNCTION posting.lock_entitlement(the_entitlement_id bigint)
RETURNS TABLE (line_id bigint, service_id bigint, quantity bigint, total_minor bigint, used_units bigint,
               left_units bigint, booked_minor bigint, open_minor bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    RETURN QUERY
    SELECT line.id, line.service_id, line.quantity, line.total_minor, line.quantity - line.left_units,
           line.left_units, line.total_minor - line.open_minor, line.open_minor
      FROM public.ledger_entitlementline line
     WHERE line.network_id = app.network_id() AND line.entitlement_id = the_entitlement_id
     ORDER BY line.id FOR NO KEY UPDATE;
    PERFORM FROM public.ledger_breakagepool pool JOIN public.ledger_entitlement entitlement
         ON entitlement.holder_id = pool.holder_id AND entitlement.package_id = pool.package_id
      WHERE entitlement.network_id = app.network_id() AND entitlement.id = the_entitlement_id
        FOR NO KEY UPDATE OF pool;
END $$;

-- The pool of a holder's sales of a package, locked until the end of the transaction; made with what is open when it is
-- first asked for, while no posting in the holder's books is under way; none while nothing was sold.
CREATE FUNCTION posting.lock_breakage_pool(the_holder_id bigint, the_package_id bigint)
RETURNS TABLE (pool_id bigint, open_minor bigint, booked_minor bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.ledger_breakagepool pool
                    WHERE pool.holder_id = the_holder_id AND pool.package_id = the_package_id) THEN
        -- Whoever makes it has the books alone before anybody can hold the pool: a second one who took the books, too,
        -- would wait for a posting that holds the new pool and waits for the books.
        PERFORM pg_advisory_xact_lock((8::bigint << 56) + the_holder_id);
    END IF;
    IF NOT EXISTS (SELECT FROM public.ledger_breakagepool pool
                    WHERE pool.holder_id = the_holder_id AND pool.package_id = the_package_id) THEN
        PERFORM pg_advisory_xact_lock((3::bigint << 56) + the_holder_id);
        INSERT INTO public.ledger_breakagepool (network_id, holder_id, package_id, currency, open_minor, booked_minor)
        SELECT app.network_id(), the_holder_id, the_package_id, entitlement.currency, sum(line.open_minor), 0
          FROM public.ledger_entitlement entitlement
          JOIN public.ledger_entitlementline line ON line.entitlement_id = entitlement.id
         WHERE entitlement.holder_id = the_holder_id AND entitlement.package_id = the_package_id
         GROUP BY entitlement.currency
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN QUERY
    SELECT pool.id, pool.open_minor, pool.booked_minor FROM public.ledger_breakagepool pool
     WHERE pool.holder_id = the_holder_id AND pool.package_id = the_package_id FOR NO KEY UPDATE;
END $$;

ALTER FUNCTION posting.close_period(bigint[], date, text, bigint, text) OWNER TO caretree_poster;
ALTER FUNCTION posting.fold_deltas(integer) OWNER TO caretree_poster;
ALTER FUNCTION posting.lock_entitlement(bigint) OWNER TO caretree_poster;
ALTER FUNCTION posting.lock_breakage_pool(bigint, bigint) OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.close_period(bigint[], date, text, bigint, text), posting.fold_deltas(integer),
    posting.lock_entitlement(bigint), posting.lock_breakage_pool(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting.close_period(bigint[], date, text, bigint, text), posting.fold_deltas(integer),
    posting.lock_entitlement(bigint), posting.lock_breakage_pool(bigint, bigint) TO caretree_web;
