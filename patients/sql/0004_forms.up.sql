-- It looks after the row is written, so that row-level security has refused first what is another network's.
-- A filled form keeps its patient, its place and its version; what is complete keeps its answers, and can only turn out
-- to have been entered in error.
CREATE FUNCTION app.keep_filled_form() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM public.content_contentversion v
                        WHERE v.network_id = NEW.network_id AND v.id = NEW.content_version_id
                          AND v.state = 'published') THEN
            RAISE EXCEPTION 'Only a published version can be filled.' USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
        END IF;
        RETURN NULL;
    END IF;
    IF (NEW.network_id, NEW.patient_id, NEW.organization_id, NEW.content_version_id)
       IS DISTINCT FROM (OLD.network_id, OLD.patient_id, OLD.organization_id, OLD.content_version_id) THEN
        RAISE EXCEPTION 'A form stays with its patient, its organization and its version.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    IF OLD.status = 'entered-in-error' OR (OLD.status = 'complete' AND (
           NEW.status <> 'entered-in-error' OR (NEW.answers, NEW.scores, NEW.filled_at, NEW.filled_by_id, NEW.filled_by)
           IS DISTINCT FROM (OLD.answers, OLD.scores, OLD.filled_at, OLD.filled_by_id, OLD.filled_by))) THEN
        RAISE EXCEPTION 'A % form never changes.', OLD.status USING ERRCODE = 'CT001', DETAIL = 'complete';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_filled AFTER INSERT OR UPDATE ON patients_filledform
    FOR EACH ROW EXECUTE FUNCTION app.keep_filled_form();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON patients_filledform
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
