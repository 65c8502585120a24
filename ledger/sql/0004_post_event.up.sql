-- One business event: its entry if it has lines, its movements and booked breakage if it has any, for a sale and an
-- upgrade its entitlement, for a transfer, an extension and a freeze what they make of theirs.

-- Accounts come into being when they are first posted to.
CREATE FUNCTION posting.make_accounts(organizations bigint[], codes text[], currencies text[], counterparties bigint[])
RETURNS void LANGUAGE sql SET search_path = pg_catalog AS $$
    INSERT INTO public.ledger_account (network_id, organization_id, code, currency, counterparty_id)
    SELECT DISTINCT app.network_id(), organization_id, code, currency, counterparty_id
      FROM unnest(organizations, codes, currencies, counterparties)
           AS wanted (organization_id, code, currency, counterparty_id)
     ORDER BY organization_id, code, currency, counterparty_id
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION posting.post_event(
    the_key text, the_payload_hash bytea, the_kind text, the_effective_on date, the_organization_id bigint,
    the_rule_version_id bigint, the_inputs jsonb, the_voids_id bigint,
    the_actor_kind text, the_actor_id bigint, the_actor_label text,
    line_organizations bigint[], line_codes text[], line_currencies text[], line_counterparties bigint[],
    line_amounts bigint[],
    movement_lines bigint[], movement_units bigint[], movement_amounts bigint[],
    sold_code text DEFAULT NULL, sold_patient_id bigint DEFAULT NULL, sold_holder_id bigint DEFAULT NULL,
    sold_package_id bigint DEFAULT NULL, sold_price_minor bigint DEFAULT NULL, sold_currency text DEFAULT NULL,
    sold_starts_on date DEFAULT NULL, sold_expires_on date DEFAULT NULL,
    sold_services bigint[] DEFAULT NULL, sold_categories text[] DEFAULT NULL, sold_quantities bigint[] DEFAULT NULL,
    sold_totals bigint[] DEFAULT NULL,
    breakage_pool_id bigint DEFAULT NULL, breakage_minor bigint DEFAULT NULL,
    changed_entitlement_id bigint DEFAULT NULL, changed_patient_id bigint DEFAULT NULL,
    changed_expires_on date DEFAULT NULL, changed_frozen_on date DEFAULT NULL, changed_frozen_until date DEFAULT NULL,
    OUT event_id bigint, OUT replayed boolean, OUT entitlement_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    network bigint := app.network_id();
    accounts bigint[];
    books bigint[];
    wrong integer;
    moved integer;
    earlier_hash bytea;
    pools bigint[] := '{}';
BEGIN
    IF (the_kind IN ('sale', 'upgrade')) <> (sold_services IS NOT NULL)
       OR the_kind IN ('redemption', 'refund', 'expiry', 'upgrade') AND 0 <= ANY (movement_units)
       OR the_kind NOT IN ('redemption', 'refund', 'expiry', 'upgrade', 'void') AND cardinality(movement_lines) > 0
       OR movement_lines = '{}' AND sold_services IS NULL AND breakage_pool_id IS NULL
          AND 'contract_liability' = ANY (line_codes) THEN
        PERFORM posting.refuse_sums(1);
    ELSIF the_kind NOT IN ('breakage', 'redemption', 'refund', 'expiry', 'upgrade', 'void')
          AND breakage_pool_id IS NOT NULL
       OR (the_kind IN ('transfer', 'extension', 'freeze')) <> (changed_entitlement_id IS NOT NULL) THEN
        PERFORM posting.refuse_parts(the_kind);
    ELSIF 'tax_payable' = ANY (line_codes) AND NOT the_inputs ? 'tax' AND the_kind NOT IN ('journal', 'void') THEN
        PERFORM posting.refuse_tax();
    END IF;
    FOR attempt IN 1..2 LOOP
        WITH line AS MATERIALIZED (
            SELECT given.n, given.organization_id, given.currency, given.amount_minor, account.id, account.mirror_key
              FROM unnest(line_organizations, line_codes, line_currencies, line_counterparties, line_amounts)
                   WITH ORDINALITY AS given (organization_id, code, currency, counterparty_id, amount_minor, n)
              LEFT JOIN public.ledger_account account
                ON account.network_id = network AND account.organization_id = given.organization_id
               AND account.code = given.code AND account.currency = given.currency
               AND coalesce(account.counterparty_id, 0) = coalesce(given.counterparty_id, 0))
        SELECT (SELECT array_agg(id ORDER BY n) FROM line),
               (SELECT array_agg(DISTINCT book.id ORDER BY book.id) FROM (SELECT organization_id AS id FROM line
                                                        UNION ALL SELECT the_organization_id) book),
               (SELECT min(part.wrong)
                  FROM (SELECT CASE WHEN GROUPING(mirror_key) = 1 THEN 2
                                    WHEN starts_with(mirror_key, 'liability:') THEN 1 ELSE 3 END AS wrong
                          FROM (SELECT organization_id, currency, mirror_key, amount_minor FROM line
                                UNION ALL
                                SELECT NULL, NULL, 'liability:' || entitlement.holder_id || ':' || entitlement.currency,
                                       movement.amount_minor
                                  FROM unnest(movement_lines, movement_amounts) AS movement (line_id, amount_minor)
                                  JOIN public.ledger_entitlementline line ON line.id = movement.line_id
                                  JOIN public.ledger_entitlement entitlement ON entitlement.id = line.entitlement_id
                                UNION ALL
                                SELECT NULL, NULL, 'liability:' || sold_holder_id || ':' || sold_currency, total_minor
                                  FROM unnest(sold_totals) total_minor
                                UNION ALL
                                SELECT NULL, NULL, 'liability:' || pool.holder_id || ':' || pool.currency,
                                       -breakage_minor
                                  FROM public.ledger_breakagepool pool WHERE pool.id = breakage_pool_id) content
                         GROUP BY GROUPING SETS ((organization_id, currency), (mirror_key))
                        HAVING sum(amount_minor) <> 0
                           AND CASE WHEN GROUPING(mirror_key) = 1 THEN organization_id IS NOT NULL
                                    ELSE mirror_key IS NOT NULL END) part)
          INTO accounts, books, wrong;
        EXIT WHEN array_position(accounts, NULL) IS NULL;
        PERFORM posting.make_accounts(line_organizations, line_codes, line_currencies, line_counterparties);
    END LOOP;
    IF cardinality(movement_lines) > 1 THEN
        -- Always in the same order, so that nobody waits in a circle.
        PERFORM FROM public.ledger_entitlementline WHERE id = ANY (movement_lines) ORDER BY id FOR NO KEY UPDATE;
    END IF;

    WITH event AS (
        INSERT INTO public.ledger_ledgerevent AS event (
            network_id, key, payload_hash, kind, effective_on, posted_at, organization_id, rule_version_id, inputs,
            voids_id, line_count, movement_count, actor_kind, actor_id, actor_label)
        VALUES (
            network, the_key, the_payload_hash, the_kind, the_effective_on, clock_timestamp(), the_organization_id,
            the_rule_version_id, the_inputs, the_voids_id, cardinality(line_amounts),
            cardinality(movement_lines) + coalesce(cardinality(sold_services), 0),
            the_actor_kind, the_actor_id, the_actor_label)
        ON CONFLICT (network_id, key) DO NOTHING RETURNING event.id),
    line AS (
        INSERT INTO public.ledger_journalline (
            network_id, event_id, line_no, account_id, organization_id, counterparty_id, currency, amount_minor,
            effective_on)
        SELECT network, event.id, line.n, line.account_id, line.organization_id, line.counterparty_id, line.currency,
               line.amount_minor, the_effective_on
          FROM event, unnest(accounts, line_organizations, line_counterparties, line_currencies, line_amounts)
               WITH ORDINALITY AS line (account_id, organization_id, counterparty_id, currency, amount_minor, n)),
    delta AS (
        INSERT INTO public.ledger_balancedelta (
            network_id, account_id, event_id, effective_on, debit_minor, credit_minor)
        SELECT network, line.account_id, event.id, the_effective_on, sum(greatest(line.amount_minor, 0)),
               sum(greatest(-line.amount_minor, 0))
          FROM event, unnest(accounts, line_amounts) AS line (account_id, amount_minor)
         GROUP BY event.id, line.account_id),
    movement AS (
        INSERT INTO public.ledger_entitlementmovement (
            network_id, event_id, movement_no, entitlement_line_id, units, amount_minor)
        SELECT network, event.id, movement.n, movement.line_id, movement.units, movement.amount_minor
          FROM event, unnest(movement_lines, movement_units, movement_amounts)
               WITH ORDINALITY AS movement (line_id, units, amount_minor, n)),
    breakage AS (
        INSERT INTO public.ledger_breakagemovement (network_id, event_id, pool_id, amount_minor)
        SELECT network, event.id, breakage_pool_id, breakage_minor FROM event WHERE breakage_pool_id IS NOT NULL),
    step AS (
        UPDATE public.ledger_entitlementline line
           SET left_units = line.left_units + step.units, open_minor = line.open_minor + step.amount_minor
          FROM (SELECT movement.line_id, sum(movement.units)::bigint AS units,
                       sum(movement.amount_minor)::bigint AS amount_minor
                  FROM event, unnest(movement_lines, movement_units, movement_amounts)
                       AS movement (line_id, units, amount_minor)
                 GROUP BY movement.line_id) step
         WHERE line.id = step.line_id AND line.left_units + step.units BETWEEN 0 AND line.quantity
           AND line.open_minor + step.amount_minor >= 0
        RETURNING line.id)
    SELECT (SELECT id FROM event), (SELECT count(*) FROM step) INTO event_id, moved;

    replayed := event_id IS NULL;
    IF replayed THEN
        SELECT event.id, event.payload_hash INTO event_id, earlier_hash
          FROM public.ledger_ledgerevent event WHERE event.network_id = network AND event.key = the_key;
        IF earlier_hash IS DISTINCT FROM the_payload_hash THEN
            PERFORM posting.refuse('idempotency_conflict', 'This key was used before, for something else.');
        END IF;
        SELECT entitlement.id INTO entitlement_id FROM public.ledger_entitlement entitlement
         WHERE entitlement.network_id = network AND entitlement.sale_event_id = event_id;
        RETURN;
    END IF;

    IF wrong = 1 THEN
        PERFORM posting.refuse_sums(1);
    ELSIF moved < cardinality(movement_lines)
          AND moved < (SELECT count(DISTINCT line_id) FROM unnest(movement_lines) line_id) THEN
        PERFORM posting.refuse_movement(ARRAY[the_kind]);
    ELSIF wrong IS NOT NULL THEN
        PERFORM posting.refuse_sums(wrong);
    END IF;
    IF sold_services IS NOT NULL THEN
        WITH sold AS (
            INSERT INTO public.ledger_entitlement AS entitlement (
                network_id, code, sale_event_id, patient_id, holder_id, package_id, price_minor, currency, starts_on,
                expires_on, status)
            VALUES (network, sold_code, event_id, sold_patient_id, sold_holder_id, sold_package_id, sold_price_minor,
                    sold_currency, sold_starts_on, sold_expires_on, 'active')
            RETURNING entitlement.id),
        part AS (
            INSERT INTO public.ledger_entitlementline AS line (
                network_id, entitlement_id, service_id, category, quantity, total_minor, left_units, open_minor)
            SELECT network, sold.id, part.service_id, part.category, part.quantity, part.total_minor, part.quantity,
                   part.total_minor
              FROM sold, unnest(sold_services, sold_categories, sold_quantities, sold_totals)
                         AS part (service_id, category, quantity, total_minor)
            RETURNING line.id, line.service_id, line.category, line.quantity, line.total_minor),
        movement AS (
            INSERT INTO public.ledger_entitlementmovement (
                network_id, event_id, movement_no, entitlement_line_id, units, amount_minor)
            SELECT network, event_id, cardinality(movement_lines) + given.n, part.id, part.quantity, part.total_minor
              FROM part
              JOIN unnest(sold_services, sold_categories) WITH ORDINALITY AS given (service_id, category, n)
                ON given.service_id IS NOT DISTINCT FROM part.service_id AND given.category = part.category)
        SELECT sold.id INTO entitlement_id FROM sold;
    END IF;
    IF changed_entitlement_id IS NOT NULL THEN
        UPDATE public.ledger_entitlement entitlement
           SET patient_id = changed_patient_id, expires_on = changed_expires_on, frozen_on = changed_frozen_on,
               frozen_until = changed_frozen_until
         WHERE entitlement.id = changed_entitlement_id AND entitlement.status = 'active';
        IF NOT FOUND THEN
            PERFORM posting.refuse('not_permitted', 'The sale was voided; nothing is left to change.');
        END IF;
        INSERT INTO public.ledger_entitlementchange (
            network_id, event_id, entitlement_id, patient_id, expires_on, frozen_on, frozen_until)
        VALUES (network, event_id, changed_entitlement_id, changed_patient_id, changed_expires_on, changed_frozen_on,
                changed_frozen_until);
    END IF;
    IF the_voids_id IS NOT NULL THEN
        PERFORM posting.check_void(event_id, the_voids_id, the_effective_on);
        UPDATE public.ledger_entitlement entitlement SET status = 'void'
         WHERE entitlement.network_id = network AND entitlement.sale_event_id = the_voids_id;
    END IF;
    pools := posting.move_pools(
        movement_lines, movement_amounts, ARRAY[sold_holder_id], ARRAY[sold_package_id], ARRAY[sold_price_minor],
        ARRAY[breakage_pool_id], ARRAY[breakage_minor], pools);
    -- Posting shares the advisory lock of every organization, in order; closing has it alone.
    PERFORM pg_advisory_xact_lock_shared((3::bigint << 56) + book) FROM unnest(books) book;
    PERFORM posting.move_pools(
        movement_lines, movement_amounts, ARRAY[sold_holder_id], ARRAY[sold_package_id], ARRAY[sold_price_minor],
        ARRAY[breakage_pool_id], ARRAY[breakage_minor], pools);
    IF EXISTS (SELECT FROM public.ledger_periodclose
                WHERE organization_id = ANY (books) AND closed_through >= the_effective_on) THEN
        PERFORM posting.refuse_closed(books, the_effective_on);
    END IF;
END $$;

ALTER FUNCTION posting.make_accounts(bigint[], text[], text[], bigint[]) OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.make_accounts(bigint[], text[], text[], bigint[]) FROM PUBLIC;
ALTER FUNCTION posting.post_event OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.post_event FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting.post_event TO caretree_web;
