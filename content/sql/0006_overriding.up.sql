-- These look after the row is written, so that row-level security has refused first what is another network's.

-- An override belongs to an organization below the one whose form it changes, and changes no program and no override.
CREATE FUNCTION app.check_content_override() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.overrides_id IS NOT NULL AND NOT EXISTS (
        SELECT 1
          FROM public.content_contentitem i
          JOIN public.orgs_organization o ON o.network_id = i.network_id AND o.id = i.organization_id
          JOIN public.orgs_organization t ON t.network_id = i.network_id AND t.id = NEW.organization_id
         WHERE i.network_id = NEW.network_id AND i.id = NEW.overrides_id
           AND i.overrides_id IS NULL AND i.kind = NEW.kind AND i.kind <> 'program'
           AND t.tree_id = o.tree_id AND t.lft > o.lft AND t.rght < o.rght) THEN
        RAISE EXCEPTION 'Only a form of an organization above can be changed here.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER override_below AFTER INSERT OR UPDATE OF overrides_id, organization_id, kind ON content_contentitem
    FOR EACH ROW EXECUTE FUNCTION app.check_content_override();

-- A version of an override stands on a published version of the form that it changes; other versions stand on none.
CREATE FUNCTION app.check_content_base() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    shared bigint;
BEGIN
    SELECT i.overrides_id INTO shared FROM public.content_contentitem i
     WHERE i.network_id = NEW.network_id AND i.id = NEW.item_id;
    IF (shared IS NULL) <> (NEW.base_id IS NULL) OR (shared IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.content_contentversion v
         WHERE v.network_id = NEW.network_id AND v.id = NEW.base_id AND v.item_id = shared AND v.state = 'published')) THEN
        RAISE EXCEPTION 'A version of an override stands on a published version of the form that it changes.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stands_on AFTER INSERT OR UPDATE OF base_id, item_id ON content_contentversion
    FOR EACH ROW EXECUTE FUNCTION app.check_content_base();

-- A link is pinned to a published version of what it shares.
CREATE FUNCTION app.check_content_pin() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.pinned_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.content_contentversion v
         WHERE v.network_id = NEW.network_id AND v.id = NEW.pinned_id AND v.item_id = NEW.item_id
           AND v.state = 'published') THEN
        RAISE EXCEPTION 'A link is pinned to a published version of what it shares.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER pinned_to_its_own AFTER INSERT OR UPDATE OF pinned_id, item_id ON content_contentshare
    FOR EACH ROW EXECUTE FUNCTION app.check_content_pin();

-- What is filled at organizations: their own published content, and what is linked to them or to something above them.
-- The nearest link says with which version: the one that it is pinned to, or the newest. Where an organization from that
-- link down to the one that fills overrides the form, the nearest override's newest version is filled in its place. A
-- link holds only while its organization stands below the owner.
CREATE OR REPLACE FUNCTION app.content_available(the_organizations bigint[])
RETURNS TABLE (organization_id bigint, item_id bigint, version_id bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH target AS (
        SELECT o.id, o.tree_id, o.lft, o.rght
          FROM public.orgs_organization o
         WHERE o.network_id = app.network_id() AND o.id = ANY (the_organizations)
    ), linked AS (
        SELECT DISTINCT ON (t.id, s.item_id) t.id AS target_id, s.item_id AS held_id, s.pinned_id, p.lft, p.rght
          FROM target t
          JOIN public.orgs_organization p ON p.tree_id = t.tree_id AND p.lft <= t.lft AND p.rght >= t.rght
          JOIN public.content_contentshare s
            ON s.network_id = app.network_id() AND s.organization_id = p.id AND s.mode = 'linked' AND s.ended_at IS NULL
          JOIN public.content_contentitem i ON i.network_id = s.network_id AND i.id = s.item_id
          JOIN public.orgs_organization w
            ON w.network_id = i.network_id AND w.id = i.organization_id AND w.tree_id = p.tree_id
           AND w.lft < p.lft AND w.rght > p.rght
         ORDER BY t.id, s.item_id, p.lft DESC
    ), held AS (
        SELECT t.id AS target_id, i.id AS held_id, NULL::bigint AS version_id
          FROM target t
          JOIN public.content_contentitem i
            ON i.network_id = app.network_id() AND i.organization_id = t.id AND i.overrides_id IS NULL
        UNION ALL
        SELECT l.target_id, l.held_id, COALESCE(own.version_id, l.pinned_id)
          FROM linked l
          JOIN target t ON t.id = l.target_id
          LEFT JOIN LATERAL (
            SELECT v.id AS version_id
              FROM public.content_contentitem x
              JOIN public.orgs_organization a
                ON a.network_id = x.network_id AND a.id = x.organization_id AND a.tree_id = t.tree_id
               AND a.lft BETWEEN l.lft AND t.lft AND a.rght BETWEEN t.rght AND l.rght
              JOIN public.content_contentversion v
                ON v.network_id = x.network_id AND v.item_id = x.id AND v.state = 'published'
             WHERE x.network_id = app.network_id() AND x.overrides_id = l.held_id AND x.status = 'published'
             ORDER BY a.lft DESC, v.number DESC LIMIT 1) own ON true
    )
    SELECT h.target_id, h.held_id, COALESCE(h.version_id, newest.id)
      FROM held h
      JOIN public.content_contentitem i
        ON i.network_id = app.network_id() AND i.id = h.held_id AND i.status = 'published'
      JOIN LATERAL (
        SELECT v.id FROM public.content_contentversion v
         WHERE v.network_id = i.network_id AND v.item_id = i.id AND v.state = 'published'
         ORDER BY v.number DESC LIMIT 1) newest ON true
$$;
