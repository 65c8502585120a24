-- The pools of breakage of the events of one call that were not posted before.
CREATE FUNCTION posting.move_fresh_pools(
    fresh boolean[], movement_positions integer[], movement_lines bigint[], movement_amounts bigint[],
    sold_positions integer[], sold_holders bigint[], sold_packages bigint[], sold_prices bigint[],
    breakage_positions integer[], breakage_pools bigint[], breakage_amounts bigint[], done bigint[])
RETURNS bigint[] LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT posting.move_pools(
        movement.lines, movement.amounts, sold.holders, sold.packages, sold.prices, breakage.pools, breakage.amounts,
        done)
      FROM (SELECT array_agg(line_id) AS lines, array_agg(amount_minor) AS amounts
              FROM unnest(movement_positions, movement_lines, movement_amounts) AS given (position, line_id, amount_minor)
             WHERE fresh[position]) movement,
           (SELECT array_agg(holder_id) AS holders, array_agg(package_id) AS packages, array_agg(price_minor) AS prices
              FROM unnest(sold_positions, sold_holders, sold_packages, sold_prices)
                   AS given (position, holder_id, package_id, price_minor)
             WHERE fresh[position]) sold,
           (SELECT array_agg(pool_id) AS pools, array_agg(amount_minor) AS amounts
              FROM unnest(breakage_positions, breakage_pools, breakage_amounts) AS given (position, pool_id, amount_minor)
             WHERE fresh[position]) breakage
$$;
ALTER FUNCTION posting.move_fresh_pools OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.move_fresh_pools FROM PUBLIC;

-- Many business events in one set-based call, all or nothing: every child row names the position of its event.
-- Events whose key was posted before with the same payload are replayed, not posted again. Upgrades, transfers,
-- extensions and freezes are posted one by one.
CREATE FUNCTION posting.post_events(
    the_keys text[], the_payload_hashes bytea[], the_kinds text[], the_effective_days date[],
    the_organizations bigint[], the_rule_versions bigint[], the_inputs jsonb[], the_voids bigint[],
    the_actor_kind text, the_actor_id bigint, the_actor_label text,
    line_positions integer[], line_organizations bigint[], line_codes text[], line_currencies text[],
    line_counterparties bigint[], line_amounts bigint[],
    movement_positions integer[], movement_lines bigint[], movement_units bigint[], movement_amounts bigint[],
    sold_positions integer[], sold_codes text[], sold_patients bigint[], sold_holders bigint[],
    sold_packages bigint[], sold_prices bigint[], sold_currencies text[], sold_starts date[], sold_ends date[],
    part_positions integer[], part_services bigint[], part_categories text[], part_quantities bigint[],
    part_totals bigint[],
    breakage_positions integer[], breakage_pools bigint[], breakage_amounts bigint[])
RETURNS TABLE (event_id bigint, replayed boolean, entitlement_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    network bigint := app.network_id();
    events bigint[];
    fresh boolean[];
    accounts bigint[];
    line_keys text[];
    wrong integer;
    short boolean;
    pools bigint[] := '{}';
    held record;
BEGIN
    IF EXISTS (SELECT FROM unnest(the_kinds) WITH ORDINALITY AS event (kind, position)
                WHERE (kind = 'sale') <> (position = ANY (part_positions)))
       OR EXISTS (SELECT FROM unnest(movement_positions, movement_units) AS movement (position, units)
                   WHERE the_kinds[position] NOT IN ('redemption', 'refund', 'expiry', 'void')
                      OR the_kinds[position] IN ('redemption', 'refund', 'expiry') AND units >= 0) THEN
        PERFORM posting.refuse_sums(1);
    ELSIF the_kinds && '{upgrade,transfer,extension,freeze}' OR EXISTS (
              SELECT FROM unnest(breakage_positions) position
               WHERE the_kinds[position] NOT IN ('breakage', 'redemption', 'refund', 'expiry', 'void')) THEN
        PERFORM posting.refuse_parts(array_to_string(the_kinds, ', '));
    ELSIF 'tax_payable' = ANY (line_codes) AND EXISTS (
              SELECT FROM unnest(line_positions, line_codes) AS line (position, code)
               WHERE code = 'tax_payable' AND NOT the_inputs[position] ? 'tax'
                 AND the_kinds[position] NOT IN ('journal', 'void')) THEN
        PERFORM posting.refuse_tax();
    END IF;
    IF (SELECT count(DISTINCT key) FROM unnest(the_keys) key) <> cardinality(the_keys) THEN
        PERFORM posting.refuse('idempotency_conflict', 'Two events of one call have the same key.');
    END IF;
    WITH made AS (
        INSERT INTO public.ledger_ledgerevent AS event (
            network_id, key, payload_hash, kind, effective_on, posted_at, organization_id, rule_version_id, inputs,
            voids_id, line_count, movement_count, actor_kind, actor_id, actor_label)
        SELECT network, given.key, given.payload_hash, given.kind, given.effective_on, clock_timestamp(),
               given.organization_id, given.rule_version_id, given.inputs, given.voids_id, coalesce(lines.n, 0),
               coalesce(parts.n, movements.n, 0), the_actor_kind, the_actor_id, the_actor_label
          FROM unnest(the_keys, the_payload_hashes, the_kinds, the_effective_days, the_organizations,
                      the_rule_versions, the_inputs, the_voids)
               WITH ORDINALITY AS given (key, payload_hash, kind, effective_on, organization_id, rule_version_id,
                                         inputs, voids_id, position)
          LEFT JOIN (SELECT position, count(*) AS n FROM unnest(line_positions) position GROUP BY position) lines
            USING (position)
          LEFT JOIN (SELECT position, count(*) AS n FROM unnest(movement_positions) position GROUP BY position)
            movements USING (position)
          LEFT JOIN (SELECT position, count(*) AS n FROM unnest(part_positions) position GROUP BY position) parts
            USING (position)
         ORDER BY position
        ON CONFLICT (network_id, key) DO NOTHING RETURNING event.id, event.key)
    SELECT array_agg(made.id ORDER BY position), array_agg(made.id IS NOT NULL ORDER BY position)
      INTO events, fresh
      FROM unnest(the_keys) WITH ORDINALITY AS given (key, position) LEFT JOIN made USING (key);

    IF false = ANY (fresh) THEN
        IF EXISTS (SELECT FROM unnest(the_keys, the_payload_hashes, fresh) AS given (key, payload_hash, is_fresh)
                     JOIN public.ledger_ledgerevent event ON event.network_id = network AND event.key = given.key
                    WHERE NOT is_fresh AND event.payload_hash <> given.payload_hash) THEN
            PERFORM posting.refuse('idempotency_conflict', 'A key was used before, for something else.');
        END IF;
        SELECT array_agg(event.id ORDER BY given.position) INTO events
          FROM unnest(the_keys) WITH ORDINALITY AS given (key, position)
          JOIN public.ledger_ledgerevent event ON event.network_id = network AND event.key = given.key;
    END IF;

    FOR attempt IN 1..2 LOOP
        SELECT array_agg(account.id ORDER BY line.n), array_agg(account.mirror_key ORDER BY line.n)
          INTO accounts, line_keys
          FROM unnest(line_organizations, line_codes, line_currencies, line_counterparties)
               WITH ORDINALITY AS line (organization_id, code, currency, counterparty_id, n)
          LEFT JOIN public.ledger_account account
            ON account.network_id = network AND account.organization_id = line.organization_id
           AND account.code = line.code AND account.currency = line.currency
           AND coalesce(account.counterparty_id, 0) = coalesce(line.counterparty_id, 0);
        EXIT WHEN array_position(accounts, NULL) IS NULL;
        PERFORM posting.make_accounts(line_organizations, line_codes, line_currencies, line_counterparties);
    END LOOP;

    SELECT min(part.wrong) INTO wrong
      FROM (SELECT CASE WHEN GROUPING(mirror_key) = 1 THEN 2
                        WHEN starts_with(mirror_key, 'liability:') THEN 1 ELSE 3 END AS wrong
              FROM (SELECT * FROM unnest(line_positions, line_organizations, line_currencies, line_keys, line_amounts)
                                  AS line (position, organization_id, currency, mirror_key, amount_minor)
                    UNION ALL
                    SELECT movement.position, NULL, NULL,
                           'liability:' || entitlement.holder_id || ':' || entitlement.currency,
                           movement.amount_minor
                      FROM unnest(movement_positions, movement_lines, movement_amounts)
                           AS movement (position, line_id, amount_minor)
                      JOIN public.ledger_entitlementline line
                        ON line.network_id = network AND line.id = movement.line_id
                      JOIN public.ledger_entitlement entitlement
                        ON entitlement.network_id = network AND entitlement.id = line.entitlement_id
                    UNION ALL
                    SELECT sold.position, NULL, NULL, 'liability:' || sold.holder_id || ':' || sold.currency,
                           part.total_minor
                      FROM unnest(part_positions, part_totals) AS part (position, total_minor)
                      JOIN unnest(sold_positions, sold_holders, sold_currencies)
                           AS sold (position, holder_id, currency) USING (position)
                    UNION ALL
                    SELECT breakage.position, NULL, NULL, 'liability:' || pool.holder_id || ':' || pool.currency,
                           -breakage.amount_minor
                      FROM unnest(breakage_positions, breakage_pools, breakage_amounts)
                           AS breakage (position, pool_id, amount_minor)
                      JOIN public.ledger_breakagepool pool ON pool.id = breakage.pool_id) content
             GROUP BY GROUPING SETS ((position, organization_id, currency), (position, mirror_key))
            HAVING sum(amount_minor) <> 0
               AND CASE WHEN GROUPING(mirror_key) = 1 THEN organization_id IS NOT NULL
                        ELSE mirror_key IS NOT NULL END) part;
    IF wrong IS NULL AND 'contract_liability' = ANY (line_codes) THEN
        SELECT 1 INTO wrong
          FROM unnest(line_positions, line_codes) AS line (position, code)
         WHERE code = 'contract_liability'
           AND position <> ALL (movement_positions || part_positions || breakage_positions) LIMIT 1;
    END IF;
    IF wrong = 1 THEN
        PERFORM posting.refuse_sums(1);
    END IF;

    IF cardinality(sold_positions) > 0 THEN
        WITH sold AS (
            INSERT INTO public.ledger_entitlement AS entitlement (
                network_id, code, sale_event_id, patient_id, holder_id, package_id, price_minor, currency, starts_on,
                expires_on, status)
            SELECT network, given.code, events[given.position], given.patient_id, given.holder_id, given.package_id,
                   given.price_minor, given.currency, given.starts_on, given.expires_on, 'active'
              FROM unnest(sold_positions, sold_codes, sold_patients, sold_holders, sold_packages, sold_prices,
                          sold_currencies, sold_starts, sold_ends)
                   AS given (position, code, patient_id, holder_id, package_id, price_minor, currency, starts_on,
                             expires_on)
             WHERE fresh[given.position]
            RETURNING entitlement.id, entitlement.sale_event_id),
        given AS MATERIALIZED (
            SELECT sold.id AS entitlement_id, sold.sale_event_id, part.service_id, part.category, part.quantity,
                   part.total_minor,
                   row_number() OVER (PARTITION BY part.position ORDER BY part.n) AS n
              FROM unnest(part_positions, part_services, part_categories, part_quantities, part_totals)
                   WITH ORDINALITY AS part (position, service_id, category, quantity, total_minor, n)
              JOIN sold ON sold.sale_event_id = events[part.position] AND fresh[part.position]),
        part AS (
            INSERT INTO public.ledger_entitlementline AS line (
                network_id, entitlement_id, service_id, category, quantity, total_minor, left_units, open_minor)
            SELECT network, given.entitlement_id, given.service_id, given.category, given.quantity, given.total_minor,
                   given.quantity, given.total_minor
              FROM given ORDER BY given.sale_event_id, given.n
            RETURNING line.id, line.entitlement_id, line.service_id, line.category)
        INSERT INTO public.ledger_entitlementmovement (
            network_id, event_id, movement_no, entitlement_line_id, units, amount_minor)
        SELECT network, given.sale_event_id, given.n, part.id, given.quantity, given.total_minor
          FROM given
          JOIN part ON part.entitlement_id = given.entitlement_id AND part.category = given.category
           AND part.service_id IS NOT DISTINCT FROM given.service_id;
    END IF;
    IF cardinality(movement_positions) > 0 THEN
        -- Always in the same order, so that nobody waits in a circle.
        PERFORM FROM public.ledger_entitlementline WHERE id = ANY (movement_lines) ORDER BY id FOR NO KEY UPDATE;
        WITH given AS MATERIALIZED (
            SELECT events[movement.position] AS event_id, movement.line_id, movement.units, movement.amount_minor,
                   row_number() OVER (PARTITION BY movement.position ORDER BY movement.n) AS n
              FROM unnest(movement_positions, movement_lines, movement_units, movement_amounts)
                   WITH ORDINALITY AS movement (position, line_id, units, amount_minor, n)
             WHERE fresh[movement.position]),
        written AS (
            INSERT INTO public.ledger_entitlementmovement (
                network_id, event_id, movement_no, entitlement_line_id, units, amount_minor)
            SELECT network, given.event_id, given.n, given.line_id, given.units, given.amount_minor FROM given),
        step AS (
            UPDATE public.ledger_entitlementline line
               SET left_units = line.left_units + step.units, open_minor = line.open_minor + step.amount_minor
              FROM (SELECT given.line_id, sum(given.units)::bigint AS units,
                           sum(given.amount_minor)::bigint AS amount_minor
                      FROM given GROUP BY given.line_id) step
             WHERE line.id = step.line_id AND line.left_units + step.units BETWEEN 0 AND line.quantity
               AND line.open_minor + step.amount_minor >= 0
            RETURNING line.id)
        SELECT count(DISTINCT given.line_id) > (SELECT count(*) FROM step) INTO short FROM given;
        IF short THEN
            PERFORM posting.refuse_movement(
                (SELECT array_agg(DISTINCT the_kinds[position]) FROM unnest(movement_positions) position));
        END IF;
    END IF;

    IF wrong IS NOT NULL THEN
        PERFORM posting.refuse_sums(wrong);
    END IF;
    WITH line AS MATERIALIZED (
        SELECT events[line.position] AS event_id, line.account_id, line.organization_id, line.counterparty_id,
               line.currency, line.amount_minor, given.effective_on,
               row_number() OVER (PARTITION BY line.position ORDER BY line.n) AS n
          FROM unnest(line_positions, accounts, line_organizations, line_counterparties, line_currencies,
                      line_amounts)
               WITH ORDINALITY AS line (position, account_id, organization_id, counterparty_id, currency,
                                        amount_minor, n)
          JOIN unnest(the_effective_days, fresh) WITH ORDINALITY AS given (effective_on, is_fresh, position)
            ON given.position = line.position AND given.is_fresh),
    written AS (
        INSERT INTO public.ledger_journalline (
            network_id, event_id, line_no, account_id, organization_id, counterparty_id, currency, amount_minor,
            effective_on)
        SELECT network, line.event_id, line.n, line.account_id, line.organization_id, line.counterparty_id,
               line.currency, line.amount_minor, line.effective_on
          FROM line)
    INSERT INTO public.ledger_balancedelta (
        network_id, account_id, event_id, effective_on, debit_minor, credit_minor)
    -- One delta for each account and day, under the first of its events.
    SELECT network, line.account_id, min(line.event_id), line.effective_on, sum(greatest(line.amount_minor, 0)),
           sum(greatest(-line.amount_minor, 0))
      FROM line GROUP BY line.account_id, line.effective_on;
    INSERT INTO public.ledger_breakagemovement (network_id, event_id, pool_id, amount_minor)
    SELECT network, events[given.position], given.pool_id, given.amount_minor
      FROM unnest(breakage_positions, breakage_pools, breakage_amounts) AS given (position, pool_id, amount_minor)
     WHERE fresh[given.position];
    UPDATE public.ledger_entitlement entitlement SET status = 'void'
      FROM unnest(the_voids, fresh) AS given (voids_id, is_fresh)
     WHERE given.is_fresh AND entitlement.network_id = network AND entitlement.sale_event_id = given.voids_id;
    pools := posting.move_fresh_pools(
        fresh, movement_positions, movement_lines, movement_amounts, sold_positions, sold_holders, sold_packages,
        sold_prices, breakage_positions, breakage_pools, breakage_amounts, pools);
    -- Posting shares the advisory lock of every organization, in order; closing has it alone.
    PERFORM pg_advisory_xact_lock_shared((3::bigint << 56) + book)
       FROM (SELECT DISTINCT unnest(line_organizations || the_organizations) AS book ORDER BY 1) sorted;
    PERFORM posting.move_fresh_pools(
        fresh, movement_positions, movement_lines, movement_amounts, sold_positions, sold_holders, sold_packages,
        sold_prices, breakage_positions, breakage_pools, breakage_amounts, pools);
    FOR held IN
        SELECT given.effective_on, array_agg(DISTINCT book.organization_id) AS books
          FROM unnest(the_effective_days, fresh) WITH ORDINALITY AS given (effective_on, is_fresh, position)
          JOIN (SELECT * FROM unnest(line_positions, line_organizations)
                UNION ALL SELECT position, organization_id FROM unnest(the_organizations)
                          WITH ORDINALITY AS own (organization_id, position)) AS book (position, organization_id)
            ON book.position = given.position
          JOIN public.ledger_periodclose period
            ON period.organization_id = book.organization_id AND period.closed_through >= given.effective_on
         WHERE given.is_fresh GROUP BY given.effective_on
    LOOP
        PERFORM posting.refuse_closed(held.books, held.effective_on);
    END LOOP;
    RETURN QUERY
    SELECT events[given.position], NOT given.is_fresh, entitlement.id
      FROM unnest(fresh) WITH ORDINALITY AS given (is_fresh, position)
      LEFT JOIN public.ledger_entitlement entitlement
        ON entitlement.network_id = network AND entitlement.sale_event_id = events[given.position]
     ORDER BY given.position;
END $$;

ALTER FUNCTION posting.post_events OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.post_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting.post_events TO caretree_web;
