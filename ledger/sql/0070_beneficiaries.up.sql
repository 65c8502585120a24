-- No more people use an entitlement than its package lets, each is named once, and who was removed stays removed.
CREATE FUNCTION app.check_beneficiary() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    bearer bigint;
    state text;
    most integer;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.removed_at IS NOT NULL
           OR to_jsonb(NEW) - ARRAY['removed_at', 'removal_reason'] <> to_jsonb(OLD) - ARRAY['removed_at', 'removal_reason'] THEN
            RAISE EXCEPTION 'Who was removed stays removed. Add the patient again.'
                USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
        END IF;
        RETURN NEW;
    END IF;
    -- Others who add somebody to the same entitlement wait here, so that they are counted.
    PERFORM pg_advisory_xact_lock((9::bigint << 56) + NEW.entitlement_id);
    SELECT entitlement.patient_id, entitlement.status, package.most_people INTO bearer, state, most
      FROM public.ledger_entitlement entitlement JOIN public.ledger_package package ON package.id = entitlement.package_id
     WHERE entitlement.id = NEW.entitlement_id;
    IF state <> 'active' THEN
        RAISE EXCEPTION 'The sale was voided; nobody uses it.' USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    ELSIF bearer = NEW.patient_id THEN
        RAISE EXCEPTION 'This entitlement is this patient''s already.' USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    ELSIF NEW.removed_at IS NULL AND most <= 1 + (
        SELECT count(*) FROM public.ledger_beneficiary
         WHERE entitlement_id = NEW.entitlement_id AND removed_at IS NULL) THEN
        RAISE EXCEPTION 'No more than % people may use this entitlement. Remove somebody first.', most
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER beneficiaries_within_limits BEFORE INSERT OR UPDATE ON ledger_beneficiary
    FOR EACH ROW EXECUTE FUNCTION app.check_beneficiary();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_beneficiary
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
