-- What is in force at many organizations, each on its own day at a moment; orgs/rules/cascade.py says the same of one.
-- A key that nothing is assigned for has no row: the setting's default holds.
CREATE OR REPLACE FUNCTION app.settings_in_force(the_organizations bigint[], the_keys text[], the_moment timestamptz)
RETURNS TABLE (organization_id bigint, key text, value jsonb, mode text, source_id bigint, assignment_id bigint, waiver_id bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH target AS (
        SELECT o.id, o.tree_id, o.lft, o.rght, (the_moment AT TIME ZONE o.time_zone)::date AS today
          FROM public.orgs_organization o
         WHERE o.network_id = app.network_id() AND o.id = ANY (the_organizations)
    ), given AS (
        SELECT a.organization_id AS node_id, n.tree_id, n.lft, n.rght, a.id, a.key, a.value, a.mode, false AS is_waiver,
               a.starts_on, a.ends_on
          FROM public.orgs_settingassignment a
          JOIN public.orgs_organization n ON n.network_id = a.network_id AND n.id = a.organization_id
         WHERE a.network_id = app.network_id() AND a.key = ANY (the_keys)
        UNION ALL
        SELECT w.organization_id, n.tree_id, n.lft, n.rght, w.id, w.key, w.value, 'enforced', true, w.starts_on, w.ends_on
          FROM public.orgs_settingwaiver w
          JOIN public.orgs_organization n ON n.network_id = w.network_id AND n.id = w.organization_id
         WHERE w.network_id = app.network_id() AND w.key = ANY (the_keys) AND w.status = 'granted'
    ), standing AS (
        SELECT DISTINCT ON (t.id, g.key, g.node_id, g.is_waiver) t.id AS target_id, g.*
          FROM target t
          JOIN given g ON g.tree_id = t.tree_id AND g.lft <= t.lft AND g.rght >= t.rght
         WHERE g.starts_on <= t.today AND (g.ends_on IS NULL OR g.ends_on >= t.today)
         ORDER BY t.id, g.key, g.node_id, g.is_waiver, g.starts_on DESC, g.id DESC
    ), topmost AS (
        SELECT s.target_id, s.key, min(s.lft) AS lft
          FROM standing s
         WHERE s.mode = 'enforced' AND NOT s.is_waiver
         GROUP BY s.target_id, s.key
    )
    SELECT DISTINCT ON (s.target_id, s.key) s.target_id, s.key, s.value, s.mode, s.node_id,
           CASE WHEN NOT s.is_waiver THEN s.id END, CASE WHEN s.is_waiver THEN s.id END
      FROM standing s
      LEFT JOIN topmost m ON m.target_id = s.target_id AND m.key = s.key
     WHERE CASE WHEN m.lft IS NULL THEN NOT s.is_waiver AND (s.mode <> 'local' OR s.node_id = s.target_id)
                ELSE (NOT s.is_waiver AND s.lft = m.lft) OR (s.is_waiver AND s.lft > m.lft) END
     ORDER BY s.target_id, s.key, s.lft DESC
$$;
