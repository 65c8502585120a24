-- A value's days are those of the calendar where it is assigned, so another time zone there is another set of lines.
CREATE OR REPLACE TRIGGER renew_settings_version AFTER UPDATE OF name, time_zone ON orgs_organization
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.time_zone IS DISTINCT FROM NEW.time_zone)
    EXECUTE FUNCTION app.renew_settings_version();

-- What is in force at many organizations at a moment; orgs/rules/cascade.py says the same of one. An assignment counts
-- on its days where it is assigned, a waiver on its days at the organization that asked for it, whoever below reads them.
-- A key that nothing is assigned for has no row: the setting's default holds.
CREATE OR REPLACE FUNCTION app.settings_in_force(the_organizations bigint[], the_keys text[], the_moment timestamptz)
RETURNS TABLE (organization_id bigint, key text, value jsonb, mode text, source_id bigint, assignment_id bigint, waiver_id bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH target AS (
        SELECT o.id, o.tree_id, o.lft, o.rght
          FROM public.orgs_organization o
         WHERE o.network_id = app.network_id() AND o.id = ANY (the_organizations)
    ), assigned AS (
        SELECT DISTINCT ON (t.id, a.key, n.id)
               t.id AS target_id, a.key, n.id AS node_id, n.tree_id, n.lft, n.rght, a.id, a.value, a.mode, a.starts_on
          FROM target t
          JOIN public.orgs_organization n ON n.tree_id = t.tree_id AND n.lft <= t.lft AND n.rght >= t.rght
          JOIN public.orgs_settingassignment a ON a.network_id = n.network_id AND a.organization_id = n.id
         CROSS JOIN LATERAL (SELECT (the_moment AT TIME ZONE n.time_zone)::date) there (today)
         WHERE a.network_id = app.network_id() AND a.key = ANY (the_keys)
           AND a.starts_on <= there.today AND (a.ends_on IS NULL OR a.ends_on >= there.today)
         ORDER BY t.id, a.key, n.id, a.starts_on DESC, a.id DESC
    ), topmost AS (
        SELECT DISTINCT ON (target_id, key) target_id, key, tree_id, lft, rght
          FROM assigned
         WHERE mode = 'enforced'
         ORDER BY target_id, key, lft
    ), waived AS (
        SELECT t.id AS target_id, w.key, n.id AS node_id, n.lft, w.id, w.value, w.starts_on
          FROM target t
          JOIN topmost m ON m.target_id = t.id
          JOIN public.orgs_organization n
            ON n.tree_id = t.tree_id AND n.lft <= t.lft AND n.rght >= t.rght AND n.lft > m.lft
          JOIN public.orgs_settingwaiver w ON w.network_id = n.network_id AND w.organization_id = n.id AND w.key = m.key
          JOIN public.orgs_organization g
            ON g.network_id = w.network_id AND g.id = w.granter_id AND g.tree_id = m.tree_id
           AND g.lft <= m.lft AND g.rght >= m.rght
         CROSS JOIN LATERAL (SELECT (the_moment AT TIME ZONE n.time_zone)::date) there (today)
         WHERE w.network_id = app.network_id() AND w.status = 'granted'
           AND w.starts_on <= there.today AND w.ends_on >= there.today
    ), counting AS (
        SELECT a.target_id, a.key, a.lft, a.starts_on, a.value, a.mode, a.node_id, a.id AS assignment_id, NULL::bigint AS waiver_id
          FROM assigned a
          LEFT JOIN topmost m ON m.target_id = a.target_id AND m.key = a.key
         WHERE CASE WHEN m.lft IS NULL THEN a.mode <> 'local' OR a.node_id = a.target_id ELSE a.lft = m.lft END
        UNION ALL
        SELECT target_id, key, lft, starts_on, value, 'enforced', node_id, NULL, id
          FROM waived
    )
    SELECT DISTINCT ON (target_id, key) target_id, key, value, mode, node_id, assignment_id, waiver_id
      FROM counting
     ORDER BY target_id, key, lft DESC, starts_on DESC, waiver_id DESC
$$;
