-- Who may agree to what, and whether anybody else has to: an item is an event's lines on a due-from account, its sides are
-- that account's organization and counterparty, and whoever recorded the event has agreed to it by that.
CREATE FUNCTION app.complete_acknowledgement() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    -- Both sides may agree at the same moment: the second waits, and sees the first.
    PERFORM pg_advisory_xact_lock((7::bigint << 56) + NEW.account_id);
    NEW.completes :=
        EXISTS (SELECT 1 FROM public.settlement_acknowledgement k
                 WHERE k.network_id = NEW.network_id AND k.account_id = NEW.account_id AND k.event_id = NEW.event_id
                   AND k.side_id <> NEW.side_id)
        OR EXISTS (SELECT 1 FROM public.ledger_account a
                     JOIN public.ledger_ledgerevent e ON e.network_id = a.network_id AND e.id = NEW.event_id
                    WHERE a.network_id = NEW.network_id AND a.id = NEW.account_id
                      AND e.organization_id IN (a.organization_id, a.counterparty_id));
    RETURN NEW;
END $$;
CREATE TRIGGER completed BEFORE INSERT ON settlement_acknowledgement
    FOR EACH ROW EXECUTE FUNCTION app.complete_acknowledgement();

CREATE FUNCTION app.judge_acknowledgement() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    item record;
BEGIN
    SELECT a.organization_id AS creditor, a.counterparty_id AS debtor, e.organization_id AS recorder INTO item
      FROM public.ledger_account a
      JOIN public.ledger_ledgerevent e ON e.network_id = a.network_id AND e.id = NEW.event_id
     WHERE a.network_id = NEW.network_id AND a.id = NEW.account_id AND a.code = 'due_from' AND e.kind <> 'settlement'
       AND EXISTS (SELECT 1 FROM public.ledger_journalline l
                    WHERE l.network_id = NEW.network_id AND l.event_id = NEW.event_id AND l.account_id = NEW.account_id);
    IF NOT FOUND OR NEW.side_id NOT IN (item.creditor, item.debtor) THEN
        RAISE EXCEPTION 'Only the two organizations that an item stands between can acknowledge it.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    IF NEW.side_id = item.recorder THEN
        RAISE EXCEPTION 'Who recorded it has agreed to it by that; the other side acknowledges it.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER judged AFTER INSERT ON settlement_acknowledgement
    FOR EACH ROW EXECUTE FUNCTION app.judge_acknowledgement();

-- A dispute is about an item, and its sides are the item's.
CREATE FUNCTION app.judge_dispute() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    item record;
BEGIN
    SELECT a.organization_id AS creditor, a.counterparty_id AS debtor, sum(l.amount_minor) AS minor INTO item
      FROM public.ledger_account a
      JOIN public.ledger_journalline l ON l.network_id = a.network_id AND l.account_id = a.id AND l.event_id = NEW.event_id
     WHERE a.network_id = NEW.network_id AND a.id = NEW.account_id AND a.code = 'due_from'
     GROUP BY 1, 2;
    IF NOT FOUND OR (NEW.side_id, NEW.other_id) NOT IN ((item.creditor, item.debtor), (item.debtor, item.creditor))
       OR NEW.amount_minor <> item.minor THEN
        RAISE EXCEPTION 'Only the two organizations that an item stands between can dispute it, as it is.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER judged AFTER INSERT ON settlement_dispute
    FOR EACH ROW EXECUTE FUNCTION app.judge_dispute();

-- What ended stays ended, and nothing more is said about it.
CREATE FUNCTION app.keep_ended_dispute() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'This dispute has ended. Raise another if something is still wrong.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ended BEFORE UPDATE ON settlement_dispute
    FOR EACH ROW EXECUTE FUNCTION app.keep_ended_dispute();

CREATE FUNCTION app.judge_dispute_message() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM 1 FROM public.settlement_dispute d
      WHERE d.network_id = NEW.network_id AND d.id = NEW.dispute_id AND NEW.side_id IN (d.side_id, d.other_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Only the two sides of a dispute speak in it.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER judged AFTER INSERT ON settlement_disputemessage
    FOR EACH ROW EXECUTE FUNCTION app.judge_dispute_message();

-- What was signed off is read-only until it is reopened with a reason; so is everything that it found.
CREATE FUNCTION app.keep_signed_reconciliation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.is_signed AND (NEW.is_signed OR NEW.reopened_why = '' OR NEW.reopened_at IS NOT DISTINCT FROM OLD.reopened_at) THEN
        RAISE EXCEPTION 'This reconciliation is signed off. Reopen it with a reason first.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signed BEFORE UPDATE ON settlement_reconciliation
    FOR EACH ROW EXECUTE FUNCTION app.keep_signed_reconciliation();

CREATE FUNCTION app.keep_signed_content() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    touched jsonb := to_jsonb(coalesce(NEW, OLD));
    signed boolean;
BEGIN
    IF touched ? 'statement_id' THEN
        SELECT r.is_signed INTO signed FROM public.settlement_reconciliation r
         WHERE r.network_id = app.network_id() AND r.statement_id = (touched ->> 'statement_id')::bigint FOR SHARE;
    ELSE
        SELECT r.is_signed INTO signed FROM public.settlement_reconciliation r
         WHERE r.network_id = app.network_id() AND r.id = (touched ->> 'reconciliation_id')::bigint FOR SHARE;
    END IF;
    IF signed THEN
        RAISE EXCEPTION 'This reconciliation is signed off. Reopen it with a reason first.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER signed AFTER INSERT OR UPDATE OR DELETE ON settlement_finding
    FOR EACH ROW EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed AFTER INSERT OR UPDATE OR DELETE ON settlement_ourline
    FOR EACH ROW EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed AFTER INSERT OR UPDATE ON settlement_statementline
    FOR EACH ROW EXECUTE FUNCTION app.keep_signed_content();

-- What was sent never changes; it only goes, and what went doesn't come back.
CREATE TRIGGER file_stays AFTER UPDATE OF content, file_removed_at ON settlement_statementimport
    FOR EACH ROW EXECUTE FUNCTION app.keep_import_file();

-- Asked by the worker before it binds one network after the other. Ids only.
GRANT SELECT (network_id, file_removed_at) ON settlement_statementimport TO caretree_lookup;
CREATE POLICY lookup ON settlement_statementimport FOR SELECT TO caretree_lookup USING (true);
CREATE FUNCTION lookup.networks_with_statement_files() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.settlement_statementimport WHERE file_removed_at IS NULL ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_statement_files() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_statement_files() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_statement_files() TO caretree_web;

GRANT SELECT (network_id, code) ON ledger_account TO caretree_lookup;
CREATE POLICY lookup ON ledger_account FOR SELECT TO caretree_lookup USING (true);
CREATE FUNCTION lookup.networks_with_mutual_accounts() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.ledger_account WHERE code = 'due_from' ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_mutual_accounts() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_mutual_accounts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_mutual_accounts() TO caretree_web;
