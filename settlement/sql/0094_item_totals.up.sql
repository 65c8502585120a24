-- What of one account's items of one day is acknowledged (no run), or taken by a run: kept, so that the totals of a pair
-- cost the same however many items it has. Agreeing to an item and taking it wait for one another at its account, by the
-- lock that app.complete_acknowledgement takes, too: what both are counted as is known to whoever comes second.
CREATE FUNCTION app.refuse_total() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'totals of items are kept by triggers alone' USING ERRCODE = '42501';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER kept AFTER INSERT OR UPDATE OR DELETE ON settlement_itemtotal
    FOR EACH ROW EXECUTE FUNCTION app.refuse_total();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON settlement_itemtotal
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_total();

CREATE FUNCTION app.add_acknowledged() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.settlement_itemtotal AS kept (network_id, account_id, run_id, "on", items, minor)
    SELECT item.network_id, item.account_id, NULL, item.effective_on, count(*), sum(item.minor)
      FROM (SELECT line.network_id, line.account_id, line.event_id, line.effective_on, sum(line.amount_minor) AS minor
              FROM added
              JOIN public.ledger_journalline line
                ON line.network_id = added.network_id AND line.account_id = added.account_id
               AND line.event_id = added.event_id
             WHERE added.completes
               AND NOT EXISTS (SELECT FROM public.settlement_settlementitem taken
                                WHERE taken.network_id = line.network_id AND taken.event_id = line.event_id
                                  AND taken.line_no = line.line_no)
             GROUP BY 1, 2, 3, 4) item
     GROUP BY 1, 2, 4 ORDER BY 2, 4
        ON CONFLICT (network_id, account_id, run_id, "on") DO UPDATE
       SET items = kept.items + excluded.items, minor = kept.minor + excluded.minor;
    RETURN NULL;
END $$;
CREATE TRIGGER totals AFTER INSERT ON settlement_acknowledgement REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.add_acknowledged();

-- Items that a run takes, or a cancelled one gives back: of its own, and no longer or again of the acknowledged.
CREATE FUNCTION app.move_taken() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    direction integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM pg_advisory_xact_lock((7::bigint << 56) + account.id)
       FROM (SELECT DISTINCT line.account_id AS id
               FROM moved JOIN public.ledger_journalline line
                 ON line.network_id = moved.network_id AND line.event_id = moved.event_id AND line.line_no = moved.line_no
              ORDER BY 1) account;
    INSERT INTO public.settlement_itemtotal AS kept (network_id, account_id, run_id, "on", items, minor)
    SELECT item.network_id, item.account_id, part.run_id, item.effective_on,
           sum(part.sign * direction), sum(part.sign * direction * item.minor)
      FROM (SELECT line.network_id, line.account_id, line.event_id, line.effective_on, moved.run_id,
                   sum(line.amount_minor) AS minor
              FROM moved
              JOIN public.ledger_journalline line
                ON line.network_id = moved.network_id AND line.event_id = moved.event_id AND line.line_no = moved.line_no
              JOIN public.ledger_account account
                ON account.network_id = line.network_id AND account.id = line.account_id AND account.code = 'due_from'
             GROUP BY 1, 2, 3, 4, 5) item
     CROSS JOIN LATERAL (
           SELECT item.run_id, 1 AS sign
            UNION ALL
           SELECT NULL, -1 FROM public.settlement_acknowledgement agreed
            WHERE agreed.network_id = item.network_id AND agreed.account_id = item.account_id
              AND agreed.event_id = item.event_id AND agreed.completes) part
     GROUP BY 1, 2, 3, 4 ORDER BY 2, 4, 3
        ON CONFLICT (network_id, account_id, run_id, "on") DO UPDATE
       SET items = kept.items + excluded.items, minor = kept.minor + excluded.minor;
    RETURN NULL;
END $$;
CREATE TRIGGER totals AFTER INSERT ON settlement_settlementitem REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION app.move_taken();
CREATE TRIGGER totals_back AFTER DELETE ON settlement_settlementitem REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION app.move_taken();

-- What there is already.
ALTER TABLE settlement_itemtotal DISABLE TRIGGER kept;
INSERT INTO settlement_itemtotal (network_id, account_id, run_id, "on", items, minor)
SELECT network_id, account_id, run_id, effective_on, count(*), sum(minor)
  FROM (SELECT line.network_id, line.account_id, line.event_id, line.effective_on, taken.run_id,
               sum(line.amount_minor) AS minor
          FROM ledger_journalline line
          JOIN ledger_account account ON account.id = line.account_id AND account.code = 'due_from'
          LEFT JOIN settlement_settlementitem taken
            ON taken.network_id = line.network_id AND taken.event_id = line.event_id AND taken.line_no = line.line_no
         WHERE taken.run_id IS NOT NULL
            OR EXISTS (SELECT FROM settlement_acknowledgement agreed
                        WHERE agreed.network_id = line.network_id AND agreed.account_id = line.account_id
                          AND agreed.event_id = line.event_id AND agreed.completes)
         GROUP BY 1, 2, 3, 4, 5) item
 GROUP BY 1, 2, 3, 4
ON CONFLICT DO NOTHING;
ALTER TABLE settlement_itemtotal ENABLE TRIGGER kept;
