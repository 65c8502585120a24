-- The refusals of the posting functions, and the checks that repeat from the tables what they promise.

CREATE FUNCTION posting.refuse(code text, message text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'CT001', DETAIL = code;
END $$;

-- An event of a kind has the parts of its kind.
CREATE FUNCTION posting.refuse_parts(kind text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM posting.refuse('not_permitted', 'An event of the kind ' || kind || ' does not have these parts.');
END $$;
ALTER FUNCTION posting.refuse_parts(text) OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.refuse_parts(text) FROM PUBLIC;

-- What is wrong with sums that are not zero: 1 a liability key, 2 an organization's books, 3 another mirror key.
CREATE FUNCTION posting.refuse_sums(wrong integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF wrong = 1 THEN
        PERFORM posting.refuse('not_permitted',
            'Contract liability moves only with the entitlements it belongs to, and by the same amount.');
    ELSIF wrong = 2 THEN
        PERFORM posting.refuse('unbalanced', 'The lines do not balance in every organization and currency.');
    ELSE
        PERFORM posting.refuse('not_mirrored',
            'What one organization books against another is not mirrored in the other''s books.');
    END IF;
END $$;

-- Tax is owed by an event that says of what; only entries by hand, which pay it, and what voids them say nothing.
CREATE FUNCTION posting.refuse_tax() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM posting.refuse('unbalanced', 'The tax that is posted is not the tax that the event says it owes.');
END $$;
ALTER FUNCTION posting.refuse_tax() OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.refuse_tax() FROM PUBLIC;

CREATE FUNCTION posting.refuse_movement(kinds text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF kinds = '{redemption}' THEN
        PERFORM posting.refuse('entitlement_exhausted', 'Not so many units are left on this entitlement.');
    ELSIF kinds = '{refund}' THEN
        PERFORM posting.refuse('over_refund', 'Not so many units are left to refund.');
    END IF;
    PERFORM posting.refuse('not_permitted', 'The entitlement was used in the meantime: not so much is left of it.');
END $$;

CREATE FUNCTION posting.refuse_closed(books bigint[], on_day date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    closed text;
BEGIN
    SELECT string_agg(organization.code || ' through ' || period.closed_through, ', ' ORDER BY organization.code)
      INTO closed
      FROM public.ledger_periodclose period
      JOIN public.orgs_organization organization
        ON organization.network_id = period.network_id AND organization.id = period.organization_id
     WHERE period.organization_id = ANY (books) AND period.closed_through >= on_day;
    PERFORM posting.refuse('period_closed', 'The books are closed (' || closed || '). Choose a later date.');
END $$;

-- A void is the exact opposite of what it voids, line by line, movement by movement, and in booked breakage.
CREATE FUNCTION posting.check_void(void_id bigint, voided_id bigint, void_on date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    is_void boolean;
    voided_on date;
    differs boolean;
BEGIN
    SELECT voids_id IS NOT NULL, effective_on INTO is_void, voided_on
      FROM public.ledger_ledgerevent WHERE id = voided_id;
    IF voided_on IS NULL OR is_void THEN
        PERFORM posting.refuse('not_permitted', 'A void names an event that took place and is no void itself.');
    ELSIF void_on < voided_on THEN
        PERFORM posting.refuse('not_permitted', 'A void is not dated before the event that it voids.');
    END IF;
    SELECT EXISTS (
               SELECT FROM (SELECT line_no, account_id, amount_minor
                              FROM public.ledger_journalline WHERE event_id = voided_id) original
                 FULL JOIN (SELECT line_no, account_id, amount_minor
                              FROM public.ledger_journalline WHERE event_id = void_id) opposite USING (line_no)
                WHERE original.account_id IS DISTINCT FROM opposite.account_id
                   OR original.amount_minor IS DISTINCT FROM -opposite.amount_minor)
        OR EXISTS (
               SELECT FROM (SELECT movement_no, entitlement_line_id, units, amount_minor
                              FROM public.ledger_entitlementmovement WHERE event_id = voided_id) original
                 FULL JOIN (SELECT movement_no, entitlement_line_id, units, amount_minor
                              FROM public.ledger_entitlementmovement WHERE event_id = void_id) opposite
                USING (movement_no)
                WHERE original.entitlement_line_id IS DISTINCT FROM opposite.entitlement_line_id
                   OR original.units IS DISTINCT FROM -opposite.units
                   OR original.amount_minor IS DISTINCT FROM -opposite.amount_minor)
        OR EXISTS (
               SELECT FROM (SELECT pool_id, amount_minor
                              FROM public.ledger_breakagemovement WHERE event_id = voided_id) original
                 FULL JOIN (SELECT pool_id, amount_minor
                              FROM public.ledger_breakagemovement WHERE event_id = void_id) opposite USING (pool_id)
                WHERE original.amount_minor IS DISTINCT FROM -opposite.amount_minor)
      INTO differs;
    IF differs THEN
        PERFORM posting.refuse('not_permitted', 'A void is the exact opposite of the event that it voids.');
    END IF;
END $$;

-- Once per event at the end of its transaction, or when constraints are made immediate: everything again, from the
-- tables. It binds the event's own network where the binding has ended before the transaction.
CREATE FUNCTION posting.check_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    unbound boolean := coalesce(current_setting('app.network', true), '') = '';
    lines integer;
    movements integer;
    books bigint[];
    wrong integer;
    misfit boolean;
    taxed boolean;
BEGIN
    IF unbound THEN
        PERFORM set_config('app.network', NEW.network_id::text, true);
    END IF;
    SELECT sum(part.n) FILTER (WHERE part.is_book AND part.organization_id IS NOT NULL),
           sum(part.n) FILTER (WHERE part.is_book AND part.organization_id IS NULL),
           array_agg(part.organization_id) FILTER (WHERE part.is_book AND part.organization_id IS NOT NULL),
           bool_or(part.misfit), bool_or(part.taxed),
           min(CASE WHEN part.amount_minor = 0 THEN NULL
                    WHEN part.is_book THEN CASE WHEN part.organization_id IS NOT NULL THEN 2 END
                    WHEN starts_with(part.mirror_key, 'liability:') THEN 1
                    WHEN part.mirror_key IS NOT NULL THEN 3 END)
      INTO lines, movements, books, misfit, taxed, wrong
      FROM (SELECT GROUPING(mirror_key) = 1 AS is_book, organization_id, mirror_key, sum(amount_minor) AS amount_minor,
                   count(*) FILTER (WHERE is_counted) AS n, bool_or(is_misfit) AS misfit, bool_or(is_tax) AS taxed
              FROM (SELECT line.organization_id, line.currency, account.mirror_key, line.amount_minor,
                           account.id IS NULL OR account.organization_id <> line.organization_id
                           OR account.currency <> line.currency
                           OR account.counterparty_id IS DISTINCT FROM line.counterparty_id
                           OR line.effective_on <> NEW.effective_on OR line.line_no > NEW.line_count AS is_misfit,
                           true AS is_counted, account.code = 'tax_payable' AS is_tax
                      FROM public.ledger_journalline line
                      LEFT JOIN public.ledger_account account ON account.id = line.account_id
                     WHERE line.event_id = NEW.id
                    UNION ALL
                    SELECT NULL, NULL, 'liability:' || entitlement.holder_id || ':' || entitlement.currency,
                           movement.amount_minor,
                           entitlement.id IS NULL OR movement.movement_no NOT BETWEEN 1 AND NEW.movement_count
                           OR movement.units = 0 AND movement.amount_minor = 0
                           OR CASE NEW.kind
                                  WHEN 'sale' THEN movement.units <> line.quantity
                                      OR movement.amount_minor <> line.total_minor
                                      OR entitlement.sale_event_id <> NEW.id
                                  WHEN 'upgrade' THEN CASE WHEN entitlement.sale_event_id = NEW.id
                                      THEN movement.units <> line.quantity OR movement.amount_minor <> line.total_minor
                                      ELSE movement.units >= 0 END
                                  WHEN 'void' THEN false
                                  WHEN 'redemption' THEN movement.units >= 0
                                  WHEN 'refund' THEN movement.units >= 0
                                  WHEN 'expiry' THEN movement.units >= 0
                                  ELSE true END, true, false
                      FROM public.ledger_entitlementmovement movement
                      LEFT JOIN public.ledger_entitlementline line ON line.id = movement.entitlement_line_id
                      LEFT JOIN public.ledger_entitlement entitlement ON entitlement.id = line.entitlement_id
                     WHERE movement.event_id = NEW.id
                    UNION ALL
                    SELECT NULL, NULL, 'liability:' || pool.holder_id || ':' || pool.currency, -breakage.amount_minor,
                           pool.id IS NULL OR NEW.kind NOT IN (
                               'breakage', 'redemption', 'refund', 'expiry', 'upgrade', 'void'), false, false
                      FROM public.ledger_breakagemovement breakage
                      LEFT JOIN public.ledger_breakagepool pool ON pool.id = breakage.pool_id
                     WHERE breakage.event_id = NEW.id) content
             GROUP BY GROUPING SETS ((organization_id, currency), (mirror_key))) part;
    IF misfit OR coalesce(lines, 0) <> NEW.line_count OR coalesce(movements, 0) <> NEW.movement_count
       OR NEW.line_count = 1
       OR (NEW.kind = 'void') <> (NEW.voids_id IS NOT NULL)
       OR NEW.kind IN ('transfer', 'extension', 'freeze') AND NOT EXISTS (
              SELECT FROM public.ledger_entitlementchange WHERE event_id = NEW.id) THEN
        RAISE EXCEPTION 'event % is not what its header says', NEW.id USING ERRCODE = '23514';
    ELSIF wrong IS NOT NULL THEN
        PERFORM posting.refuse_sums(wrong);
    ELSIF taxed AND NOT NEW.inputs ? 'tax' AND NEW.kind NOT IN ('journal', 'void') THEN
        PERFORM posting.refuse_tax();
    END IF;
    IF NEW.voids_id IS NOT NULL THEN
        PERFORM posting.check_void(NEW.id, NEW.voids_id, NEW.effective_on);
    END IF;
    -- The functions hold the lock of every one of these books since before they looked.
    IF EXISTS (SELECT FROM public.ledger_periodclose
                WHERE organization_id = ANY (books || NEW.organization_id) AND closed_through >= NEW.effective_on) THEN
        PERFORM posting.refuse_closed(books || NEW.organization_id, NEW.effective_on);
    END IF;
    IF unbound THEN
        PERFORM set_config('app.network', '', true);
    END IF;
    RETURN NULL;
END $$;

-- Moves the pools of breakage that an event's entitlements belong to, but for those that are `done`; returns all that
-- were moved. A pool is made under its holder's books' lock, so whoever found none looks again with that lock.
CREATE FUNCTION posting.move_pools(
    moved_lines bigint[], moved_amounts bigint[], sold_holders bigint[], sold_packages bigint[], sold_prices bigint[],
    the_pools bigint[], the_amounts bigint[], done bigint[])
RETURNS bigint[] LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    asked bigint[];
    changes bigint[];
    bookings bigint[];
    moved integer;
BEGIN
    IF NOT EXISTS (SELECT FROM public.ledger_breakagepool) THEN
        RETURN done;
    END IF;
    WITH moved AS (
        SELECT entitlement.holder_id, entitlement.package_id, given.amount_minor
          FROM unnest(moved_lines, moved_amounts) AS given (line_id, amount_minor)
          JOIN public.ledger_entitlementline line ON line.id = given.line_id
          JOIN public.ledger_entitlement entitlement ON entitlement.id = line.entitlement_id
        UNION ALL
        SELECT * FROM unnest(sold_holders, sold_packages, sold_prices)),
    part AS (
        SELECT pool.id, moved.amount_minor AS change_minor, 0::bigint AS booking_minor
          FROM moved JOIN public.ledger_breakagepool pool
            ON pool.holder_id = moved.holder_id AND pool.package_id = moved.package_id
        UNION ALL
        SELECT pool_id, 0, amount_minor FROM unnest(the_pools, the_amounts) AS booked (pool_id, amount_minor)),
    summed AS (
        SELECT id, sum(change_minor)::bigint AS change_minor, sum(booking_minor)::bigint AS booking_minor
          FROM part WHERE id IS NOT NULL AND id <> ALL (done) GROUP BY id)
    SELECT array_agg(id ORDER BY id), array_agg(change_minor ORDER BY id), array_agg(booking_minor ORDER BY id)
      INTO asked, changes, bookings FROM summed;
    IF asked IS NULL THEN
        RETURN done;
    END IF;
    IF cardinality(asked) > 1 THEN
        -- Always in the same order, so that nobody waits in a circle.
        PERFORM FROM public.ledger_breakagepool WHERE id = ANY (asked) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    WITH step AS (
        UPDATE public.ledger_breakagepool pool
           SET open_minor = pool.open_minor + given.change_minor, booked_minor = pool.booked_minor + given.booking_minor
          FROM unnest(asked, changes, bookings) AS given (id, change_minor, booking_minor)
         WHERE pool.id = given.id AND pool.booked_minor + given.booking_minor >= 0
           AND pool.booked_minor + given.booking_minor <= pool.open_minor + given.change_minor
        RETURNING pool.id)
    SELECT count(*) INTO moved FROM step;
    IF moved < cardinality(asked) THEN
        PERFORM posting.refuse('not_permitted',
            'More breakage would be booked than is open. It was booked in the meantime: try again.');
    END IF;
    RETURN done || asked;
END $$;

ALTER FUNCTION posting.move_pools(bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[])
    OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.move_pools(
    bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[]) FROM PUBLIC;
ALTER FUNCTION posting.refuse(text, text) OWNER TO caretree_poster;
ALTER FUNCTION posting.refuse_sums(integer) OWNER TO caretree_poster;
ALTER FUNCTION posting.refuse_movement(text[]) OWNER TO caretree_poster;
ALTER FUNCTION posting.refuse_closed(bigint[], date) OWNER TO caretree_poster;
ALTER FUNCTION posting.check_void(bigint, bigint, date) OWNER TO caretree_poster;
ALTER FUNCTION posting.check_event() OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.refuse(text, text), posting.refuse_sums(integer), posting.refuse_movement(text[]),
    posting.refuse_closed(bigint[], date), posting.check_void(bigint, bigint, date), posting.check_event() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER checked_again AFTER INSERT ON ledger_ledgerevent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION posting.check_event();
