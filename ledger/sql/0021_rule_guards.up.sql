-- What a rule with tiers has answered is counted with the event that it answered, and taken off with the void.
CREATE FUNCTION app.count_volume() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.ledger_rulevolume AS kept (network_id, rule_id, organization_id, counted, month, volume)
    VALUES (NEW.network_id, (NEW.inputs #>> '{volume,rule}')::bigint, NEW.organization_id,
            NEW.inputs #>> '{volume,counted}', (NEW.inputs #>> '{volume,month}')::date,
            (NEW.inputs #>> '{volume,size}')::bigint)
    ON CONFLICT (rule_id, organization_id, counted, month) DO UPDATE SET volume = kept.volume + excluded.volume;
    RETURN NULL;
END $$;
CREATE TRIGGER counts_volume AFTER INSERT ON ledger_ledgerevent
    FOR EACH ROW WHEN (NEW.inputs ? 'volume') EXECUTE FUNCTION app.count_volume();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_rulevolume
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER poster_only BEFORE INSERT OR UPDATE ON ledger_rulevolume
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();

-- A version begins as a draft, and what somebody else activates is what its author wrote.
CREATE OR REPLACE FUNCTION app.check_rule_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    life text[] := ARRAY['status', 'ends_on', 'version'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status = 'draft' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'A rule begins as a draft, which somebody else activates.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    ELSIF OLD.status = 'draft' AND TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSIF OLD.status = 'draft' AND NEW.status = 'draft' THEN
        RETURN NEW;
    ELSIF OLD.status = 'draft' THEN
        life := life || ARRAY['activated_at', 'activated_by_id'];
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.status <> 'draft' AND (OLD.status <> 'ended' OR NEW.status = 'ended')
       AND to_jsonb(NEW) - life = to_jsonb(OLD) - life THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A rule that has been active is not changed. Write a new version of it.'
        USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
END $$;
DROP TRIGGER versions_stay ON ledger_ruleversion;
CREATE TRIGGER versions_stay BEFORE INSERT OR UPDATE OR DELETE ON ledger_ruleversion
    FOR EACH ROW EXECUTE FUNCTION app.check_rule_version();
