DROP TRIGGER override_below ON content_contentitem;
DROP FUNCTION app.check_content_override();
DROP TRIGGER stands_on ON content_contentversion;
DROP FUNCTION app.check_content_base();
DROP TRIGGER pinned_to_its_own ON content_contentshare;
DROP FUNCTION app.check_content_pin();
-- What is filled at organizations: their own published content, and what is linked to them or to something above them,
-- each with its newest published version. A link holds only while its organization stands below the owner.
CREATE OR REPLACE FUNCTION app.content_available(the_organizations bigint[])
RETURNS TABLE (organization_id bigint, item_id bigint, version_id bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH target AS (
        SELECT o.id, o.tree_id, o.lft, o.rght
          FROM public.orgs_organization o
         WHERE o.network_id = app.network_id() AND o.id = ANY (the_organizations)
    ), held AS (
        SELECT t.id AS target_id, i.id AS held_id
          FROM target t
          JOIN public.content_contentitem i ON i.network_id = app.network_id() AND i.organization_id = t.id
        UNION
        SELECT t.id, s.item_id
          FROM target t
          JOIN public.orgs_organization p ON p.tree_id = t.tree_id AND p.lft <= t.lft AND p.rght >= t.rght
          JOIN public.content_contentshare s
            ON s.network_id = app.network_id() AND s.organization_id = p.id AND s.mode = 'linked' AND s.ended_at IS NULL
          JOIN public.content_contentitem i ON i.network_id = s.network_id AND i.id = s.item_id
          JOIN public.orgs_organization w
            ON w.network_id = i.network_id AND w.id = i.organization_id AND w.tree_id = p.tree_id
           AND w.lft < p.lft AND w.rght > p.rght
    )
    SELECT h.target_id, h.held_id, newest.id
      FROM held h
      JOIN public.content_contentitem i
        ON i.network_id = app.network_id() AND i.id = h.held_id AND i.status = 'published'
      JOIN LATERAL (
        SELECT v.id FROM public.content_contentversion v
         WHERE v.network_id = i.network_id AND v.item_id = i.id AND v.state = 'published'
         ORDER BY v.number DESC LIMIT 1) newest ON true
$$;
