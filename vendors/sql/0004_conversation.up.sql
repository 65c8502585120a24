-- Each side speaks for itself and answers the other one, once; what was said stays.
CREATE FUNCTION app.check_request_message() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    by_vendor boolean := current_user = 'caretree_portal';
    state text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.answered_at IS NOT NULL THEN
            RAISE EXCEPTION 'This was answered in the meantime. Look at the answer.'
                USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
        ELSIF (OLD.side = 'vendor') = by_vendor THEN
            RAISE EXCEPTION 'who asks does not answer' USING ERRCODE = '42501';
        ELSIF to_jsonb(NEW) - ARRAY['answer', 'answer_text', 'answered_at', 'answered_by']
              <> to_jsonb(OLD) - ARRAY['answer', 'answer_text', 'answered_at', 'answered_by'] THEN
            RAISE EXCEPTION 'what was said is not changed' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END IF;
    SELECT r.status INTO state FROM public.vendors_servicerequest r
     WHERE r.network_id = NEW.network_id AND r.id = NEW.request_id AND r.vendor_id = NEW.vendor_id;
    IF state IS NULL OR (NEW.side = 'vendor') <> by_vendor OR by_vendor AND NEW.author_id <> app.contact_id() THEN
        RAISE EXCEPTION 'each side speaks for itself, about its own requests' USING ERRCODE = '42501';
    ELSIF state = 'draft' OR NEW.answered_at IS NOT NULL THEN
        RAISE EXCEPTION 'nothing is said of a draft, and nothing answered before it was asked' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sides AFTER INSERT OR UPDATE ON vendors_requestmessage
    FOR EACH ROW EXECUTE FUNCTION app.check_request_message();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON vendors_requestmessage
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
