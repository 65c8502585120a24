-- Items come and go by the million: what keys and checks would ask row by row is asked once a statement.

-- A netted line is one of what is due, of the network's own books and of no settlement; its claim comes with both of
-- its sides; and it joins a run that is still being proposed.
CREATE FUNCTION app.check_settlement_items() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added
          LEFT JOIN public.settlement_settlementrun run ON run.network_id = added.network_id AND run.id = added.run_id
         WHERE run.status IS DISTINCT FROM 'proposed') THEN
        RAISE EXCEPTION 'lines join a settlement only while it is proposed' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT FROM added
          LEFT JOIN public.ledger_journalline line
            ON line.network_id = added.network_id AND line.event_id = added.event_id AND line.line_no = added.line_no
          LEFT JOIN public.ledger_account account
            ON account.network_id = line.network_id AND account.id = line.account_id
           AND account.code IN ('due_from', 'due_to')
          LEFT JOIN public.ledger_ledgerevent event
            ON event.network_id = line.network_id AND event.id = line.event_id AND event.kind <> 'settlement'
         GROUP BY added.event_id,
                  CASE account.code WHEN 'due_from' THEN account.organization_id ELSE account.counterparty_id END,
                  CASE account.code WHEN 'due_from' THEN account.counterparty_id ELSE account.organization_id END,
                  account.currency, added.run_id
        HAVING bool_or(account.id IS NULL OR event.id IS NULL) OR sum(line.amount_minor) <> 0) THEN
        RAISE EXCEPTION 'a settlement nets claims, with both of their lines' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;

-- They are given back by a cancelled run alone.
CREATE FUNCTION app.keep_settlement_items() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM removed
          JOIN public.settlement_settlementrun run
            ON run.network_id = removed.network_id AND run.id = removed.run_id
         WHERE run.status <> 'cancelled') THEN
        RAISE EXCEPTION 'lines stay with their settlement unless it is cancelled' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;

-- What was netted stays as it was approved: only its state moves on, and no state moves on as it may not.
CREATE FUNCTION app.keep_settlement_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    moving text[] := ARRAY['status', 'content_hash', 'pay_on', 'approved_at', 'approved_by_id', 'approved_by_label',
                           'reason', 'event_id', 'version'];
BEGIN
    IF OLD.items_hash = '' THEN
        moving := moving || ARRAY['items_hash', 'item_count', 'gross_minor', 'net_minor'];
    END IF;
    IF to_jsonb(OLD) - moving IS DISTINCT FROM to_jsonb(NEW) - moving
       OR OLD.event_id IS NOT NULL AND OLD.event_id IS DISTINCT FROM NEW.event_id
       OR OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
            ('proposed', 'approved'), ('proposed', 'cancelled'), ('approved', 'proposed'), ('approved', 'cancelled'),
            ('approved', 'paying'), ('approved', 'settled'), ('paying', 'settled'), ('settled', 'paying')) THEN
        RAISE EXCEPTION 'a settlement does not change so, from % to %', OLD.status, NEW.status USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;


CREATE TRIGGER sound AFTER INSERT ON settlement_settlementitem REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.check_settlement_items();
CREATE TRIGGER kept AFTER DELETE ON settlement_settlementitem REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_settlement_items();
CREATE TRIGGER never_changed BEFORE UPDATE OR TRUNCATE ON settlement_settlementitem
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER kept BEFORE UPDATE ON settlement_settlementrun
    FOR EACH ROW EXECUTE FUNCTION app.keep_settlement_run();

-- What a run settled is undone in the run, by a bounce: voided in the journal, its debts would be open beside a settled run.
CREATE FUNCTION app.refuse_void_of_settlement() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (SELECT FROM public.ledger_ledgerevent event WHERE event.id = NEW.voids_id AND event.kind = 'settlement') THEN
        RAISE EXCEPTION 'A settlement is not voided. Record in its run that a payment came back.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlements_stay BEFORE INSERT ON ledger_ledgerevent
    FOR EACH ROW WHEN (NEW.voids_id IS NOT NULL) EXECUTE FUNCTION app.refuse_void_of_settlement();
