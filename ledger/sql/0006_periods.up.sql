-- Closing periods, folding deltas, and the lock under which a redemption is computed.

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

-- Moves waiting deltas of the bound network into its balances; one folder at a time, the others return 0.
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
        RETURNING account_id, month, debit_minor, credit_minor),
    summed AS (
        SELECT account_id, month, sum(debit_minor)::bigint AS debit_minor, sum(credit_minor)::bigint AS credit_minor,
               count(*) AS deltas
          FROM taken GROUP BY account_id, month),
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

-- The lines of an entitlement, locked in order until the end of the transaction: who computes what a redemption
-- recognizes waits here for whoever else does.
CREATE FUNCTION posting.lock_entitlement(the_entitlement_id bigint)
RETURNS TABLE (line_id bigint, service_id bigint, quantity integer, total_minor bigint, used_units integer,
               left_units integer, booked_minor bigint, open_minor bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    RETURN QUERY
    SELECT line.id, line.service_id, line.quantity, line.total_minor, line.quantity - line.left_units,
           line.left_units, line.total_minor - line.open_minor, line.open_minor
      FROM public.ledger_entitlementline line
     WHERE line.network_id = app.network_id() AND line.entitlement_id = the_entitlement_id
     ORDER BY line.id FOR NO KEY UPDATE;
END $$;

ALTER FUNCTION posting.close_period(bigint[], date, text, bigint, text) OWNER TO caretree_poster;
ALTER FUNCTION posting.fold_deltas(integer) OWNER TO caretree_poster;
ALTER FUNCTION posting.lock_entitlement(bigint) OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.close_period(bigint[], date, text, bigint, text), posting.fold_deltas(integer),
    posting.lock_entitlement(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting.close_period(bigint[], date, text, bigint, text), posting.fold_deltas(integer),
    posting.lock_entitlement(bigint) TO caretree_web;
