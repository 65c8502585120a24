-- These look after the row is written, so that row-level security has refused first what is another network's.

-- A published version is what people filled: it never changes and is never deleted, whoever asks.
CREATE FUNCTION app.keep_published_content() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'Version % is published and never changes. Start a new draft from it.', OLD.number
            USING ERRCODE = 'CT001', DETAIL = 'published';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.network_id, NEW.item_id, NEW.number) IS DISTINCT FROM (OLD.network_id, OLD.item_id, OLD.number) THEN
        RAISE EXCEPTION 'A version stays the version of its item that it is.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER published_stays AFTER UPDATE OR DELETE ON content_contentversion
    FOR EACH ROW EXECUTE FUNCTION app.keep_published_content();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON content_contentversion
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();

-- Content is shared downwards only, and a copy belongs to where it was given.
CREATE FUNCTION app.check_content_share() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1
          FROM public.content_contentitem i
          JOIN public.orgs_organization o ON o.network_id = i.network_id AND o.id = i.organization_id
          JOIN public.orgs_organization t ON t.network_id = i.network_id AND t.id = NEW.organization_id
         WHERE i.network_id = NEW.network_id AND i.id = NEW.item_id
           AND t.tree_id = o.tree_id AND t.lft > o.lft AND t.rght < o.rght) THEN
        RAISE EXCEPTION 'Content is shared with organizations below the one that owns it.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    IF NEW.copy_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.content_contentitem c
         WHERE c.network_id = NEW.network_id AND c.id = NEW.copy_id AND c.organization_id = NEW.organization_id) THEN
        RAISE EXCEPTION 'A copy belongs to the organization that it was made for.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER downwards AFTER INSERT OR UPDATE OF item_id, organization_id, copy_id ON content_contentshare
    FOR EACH ROW EXECUTE FUNCTION app.check_content_share();
