-- What holds the ledger's tables whatever writes them.

-- Only the posting functions write: they run as caretree_poster, which nobody can become but the migrator.
CREATE FUNCTION app.refuse_writer() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: only the posting functions write it', TG_OP, TG_TABLE_NAME
        USING ERRCODE = '42501';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_ledgerevent
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_journalline
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entitlementmovement
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_periodclosing
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_entitlement
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_entitlementline
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_periodclose
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_balance
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER never_changed BEFORE UPDATE OR TRUNCATE ON ledger_balancedelta
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();

CREATE TRIGGER poster_only BEFORE INSERT ON ledger_account
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT ON ledger_ledgerevent
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT ON ledger_journalline
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT ON ledger_entitlementmovement
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT ON ledger_periodclosing
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT OR UPDATE ON ledger_periodclose
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT OR UPDATE ON ledger_entitlement
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT OR UPDATE ON ledger_entitlementline
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT OR UPDATE ON ledger_balance
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER poster_only BEFORE INSERT OR DELETE ON ledger_balancedelta
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();

-- The chart: which accounts name a counterparty, and which.
CREATE FUNCTION app.check_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    own_kind text;
    other_kind text;
    asked text := CASE
        WHEN NEW.code IN ('due_from', 'due_to', 'netting_clearing', 'commission_revenue', 'intercompany_revenue',
                          'intercompany_cost', 'partner_share_cost', 'partner_commission_cost') THEN 'required'
        WHEN NEW.code IN ('accounts_payable', 'vendor_cost') THEN 'third_party'
        WHEN NEW.code = 'service_revenue' THEN 'optional'
        WHEN NEW.code IN ('cash', 'accounts_receivable', 'contract_liability', 'refund_payable', 'unclaimed_property',
                          'tax_payable', 'fx_clearing', 'breakage_revenue', 'modification_revenue', 'fx_gain_loss',
                          'equity', 'retained_earnings') THEN 'none'
    END;
BEGIN
    SELECT kind INTO own_kind FROM public.orgs_organization
     WHERE network_id = NEW.network_id AND id = NEW.organization_id;
    SELECT kind INTO other_kind FROM public.orgs_organization
     WHERE network_id = NEW.network_id AND id = NEW.counterparty_id;
    IF asked IS NULL THEN
        RAISE EXCEPTION 'There is no account %.', NEW.code USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    ELSIF own_kind IS NULL OR own_kind = 'third_party' THEN
        RAISE EXCEPTION 'A third party keeps no books here.' USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    ELSIF asked = 'none' AND NEW.counterparty_id IS NOT NULL THEN
        RAISE EXCEPTION 'The account % names no counterparty.', NEW.code
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    ELSIF asked = 'third_party' AND other_kind IS DISTINCT FROM 'third_party' THEN
        RAISE EXCEPTION 'The account % names a third party.', NEW.code
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    ELSIF (asked = 'required' OR (asked = 'optional' AND NEW.counterparty_id IS NOT NULL))
          AND (other_kind IS NULL OR other_kind = 'third_party') THEN
        RAISE EXCEPTION 'The account % names another organization that keeps books.', NEW.code
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chart BEFORE INSERT ON ledger_account FOR EACH ROW EXECUTE FUNCTION app.check_account();
ALTER TABLE ledger_account ADD CONSTRAINT account_currency CHECK (currency ~ '^[A-Z]{3}$');

-- All amounts of one entry with the same mirror key sum to zero. An entitlement's movement counts on its holder's
-- liability key, so that what is owed and what is open never part.
ALTER TABLE ledger_account ADD COLUMN mirror_key text GENERATED ALWAYS AS (
    CASE
        WHEN code = 'contract_liability' THEN 'liability:' || organization_id || ':' || currency
        WHEN counterparty_id IS NULL THEN NULL
        WHEN code = 'due_from' THEN 'due:' || organization_id || ':' || counterparty_id || ':' || currency
        WHEN code = 'due_to' THEN 'due:' || counterparty_id || ':' || organization_id || ':' || currency
        WHEN code IN ('accounts_payable', 'vendor_cost') THEN NULL
        ELSE CASE WHEN code = 'netting_clearing' THEN 'netting:' ELSE 'profit:' END
             || least(organization_id, counterparty_id) || ':' || greatest(organization_id, counterparty_id)
             || ':' || currency
    END) STORED;

-- A closed period stays closed.
CREATE FUNCTION app.refuse_reopening() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'a closed period is not opened again' USING ERRCODE = '23001';
END $$;
CREATE TRIGGER stays_closed BEFORE UPDATE ON ledger_periodclose
    FOR EACH ROW WHEN (NEW.closed_through < OLD.closed_through OR NEW.organization_id <> OLD.organization_id)
    EXECUTE FUNCTION app.refuse_reopening();

-- A rule is never edited once active: a new version takes over at a date.
CREATE FUNCTION app.check_rule_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.status = 'draft' AND TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSIF OLD.status = 'draft' THEN
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' AND NEW.status <> 'draft'
          AND (OLD.status = 'active' OR NEW.status = 'ended')
          AND to_jsonb(NEW) - 'status' - 'ends_on' - 'version' = to_jsonb(OLD) - 'status' - 'ends_on' - 'version' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A rule that has been active is not changed. Write a new version of it.'
        USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
END $$;
CREATE TRIGGER versions_stay BEFORE UPDATE OR DELETE ON ledger_ruleversion
    FOR EACH ROW EXECUTE FUNCTION app.check_rule_version();

-- One list price at a time.
ALTER TABLE ledger_tariffprice ADD CONSTRAINT tariffprice_no_overlap EXCLUDE USING gist (
    int8range(service_id, service_id, '[]') WITH &&,
    int8range(organization_id, organization_id, '[]') WITH &&,
    daterange(starts_on, ends_on, '[]') WITH &&);
