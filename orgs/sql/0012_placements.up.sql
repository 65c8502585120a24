-- No two places of an organization at the same time; without a first day: from the beginning.
ALTER TABLE orgs_placement ADD CONSTRAINT placement_no_overlap EXCLUDE USING gist (
    int8range(network_id, network_id, '[]') WITH &&,
    int8range(organization_id, organization_id, '[]') WITH &&,
    daterange(starts_on, ends_on, '[]') WITH &&);

-- Whoever adds organizations or gives one another parent writes their placements, because these triggers do.
CREATE FUNCTION app.place_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.orgs_placement (network_id, organization_id, parent_id, reason, placed_by, placed_at)
    SELECT a.network_id, a.id, a.parent_id, '', '', now() FROM added a;
    RETURN NULL;
END $$;
CREATE TRIGGER place_added AFTER INSERT ON orgs_organization
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION app.place_added();

-- The day is the organization's own, or the one that orgs/queries/tree.py says (app.moved_on).
CREATE FUNCTION app.place_moved() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    the_day date := coalesce(nullif(current_setting('app.moved_on', true), '')::date,
                             (now() AT TIME ZONE NEW.time_zone)::date);
BEGIN
    UPDATE public.orgs_placement SET parent_id = NEW.parent_id, reason = '', placed_by = '', placed_at = now()
     WHERE network_id = NEW.network_id AND organization_id = NEW.id AND ends_on IS NULL AND starts_on = the_day;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE public.orgs_placement SET ends_on = the_day - 1
     WHERE network_id = NEW.network_id AND organization_id = NEW.id AND ends_on IS NULL
       AND (starts_on IS NULL OR starts_on < the_day);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an organization is not moved before the day of its last move' USING ERRCODE = '23514';
    END IF;
    INSERT INTO public.orgs_placement (network_id, organization_id, parent_id, starts_on, reason, placed_by, placed_at)
    VALUES (NEW.network_id, NEW.id, NEW.parent_id, the_day, '', '', now());
    RETURN NULL;
END $$;
CREATE TRIGGER place_moved AFTER UPDATE OF parent_id ON orgs_organization
    FOR EACH ROW WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION app.place_moved();

-- History stays: what has ended never changes, and nothing begins another day than it did.
CREATE FUNCTION app.keep_placement() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ends_on IS NULL
       AND NEW.organization_id = OLD.organization_id
       AND NEW.starts_on IS NOT DISTINCT FROM OLD.starts_on THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'where an organization stood is not changed afterwards' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER placements_stay BEFORE UPDATE OR DELETE ON orgs_placement
    FOR EACH ROW EXECUTE FUNCTION app.keep_placement();

-- The open placement says what the organization's own row says, and one that ends is followed by another.
CREATE FUNCTION app.check_placement_agrees() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM public.orgs_organization o
                 LEFT JOIN public.orgs_placement p
                   ON p.network_id = o.network_id AND p.organization_id = o.id AND p.ends_on IS NULL
                WHERE o.network_id = NEW.network_id AND o.id = NEW.organization_id
                  AND (p.id IS NULL OR p.parent_id IS DISTINCT FROM o.parent_id)) THEN
        RAISE EXCEPTION 'the open placement of organization % is not its place in the tree', NEW.organization_id
            USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER placement_agrees AFTER INSERT OR UPDATE ON orgs_placement
    FOR EACH ROW WHEN (NEW.ends_on IS NULL) EXECUTE FUNCTION app.check_placement_agrees();
CREATE CONSTRAINT TRIGGER placement_continues AFTER UPDATE ON orgs_placement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.ends_on IS NULL AND NEW.ends_on IS NOT NULL)
    EXECUTE FUNCTION app.check_placement_agrees();

-- The branch of an organization on a day, itself included; `depth` counts from it.
CREATE FUNCTION app.branch_as_of(the_root bigint, the_day date) RETURNS TABLE (id bigint, depth integer)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH RECURSIVE down(id, depth) AS (
        SELECT the_root, 0
        UNION ALL
        SELECT p.organization_id, down.depth + 1
          FROM down JOIN public.orgs_placement p ON p.parent_id = down.id
         WHERE p.network_id = (SELECT app.network_id())
           AND (p.starts_on IS NULL OR p.starts_on <= the_day) AND (p.ends_on IS NULL OR p.ends_on >= the_day)
    )
    SELECT id, depth FROM down
$$;

-- From an organization up to the root on a day; `height` counts from it.
CREATE FUNCTION app.path_as_of(the_organization bigint, the_day date) RETURNS TABLE (id bigint, height integer)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH RECURSIVE up(id, height) AS (
        SELECT the_organization, 0
        UNION ALL
        SELECT p.parent_id, up.height + 1
          FROM up JOIN public.orgs_placement p ON p.organization_id = up.id
         WHERE p.network_id = (SELECT app.network_id()) AND p.parent_id IS NOT NULL
           AND (p.starts_on IS NULL OR p.starts_on <= the_day) AND (p.ends_on IS NULL OR p.ends_on >= the_day)
    )
    SELECT id, height FROM up
$$;

-- What an organization consolidates on a day: from it down, with no partner or third party between. While nothing has
-- moved since the day, the tree of today says it in one range; otherwise the placements do, level by level.
CREATE FUNCTION app.perimeter_as_of(the_root bigint, the_day date) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE ROWS 1000 SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.orgs_placement
                    WHERE network_id = (SELECT app.network_id()) AND starts_on > the_day) THEN
        RETURN QUERY
        WITH top AS MATERIALIZED (
            SELECT o.lft, o.rght FROM public.orgs_organization o
             WHERE o.network_id = (SELECT app.network_id()) AND o.id = the_root
        ), outside AS MATERIALIZED (
            SELECT range_agg(int4range(o.lft, o.rght, '[]')) AS bounds
              FROM top JOIN public.orgs_organization o ON o.lft > top.lft AND o.lft < top.rght
             WHERE o.tree_id = (SELECT app.network_id()) AND o.kind IN ('partner', 'third_party')
        )
        SELECT o.id FROM top JOIN public.orgs_organization o ON o.lft BETWEEN top.lft AND top.rght, outside
         WHERE o.tree_id = (SELECT app.network_id()) AND (o.id = the_root OR o.kind IN ('parent', 'sub'))
           AND NOT coalesce(outside.bounds @> o.lft, false);
        RETURN;
    END IF;
    RETURN QUERY
    WITH RECURSIVE down(id) AS (
        SELECT the_root
        UNION ALL
        SELECT p.organization_id
          FROM down
          JOIN public.orgs_placement p ON p.parent_id = down.id
          JOIN public.orgs_organization o ON o.network_id = p.network_id AND o.id = p.organization_id
         WHERE p.network_id = (SELECT app.network_id()) AND o.kind IN ('parent', 'sub')
           AND (p.starts_on IS NULL OR p.starts_on <= the_day) AND (p.ends_on IS NULL OR p.ends_on >= the_day)
    )
    SELECT down.id FROM down;
END $$;
GRANT EXECUTE ON FUNCTION app.branch_as_of(bigint, date), app.path_as_of(bigint, date),
    app.perimeter_as_of(bigint, date) TO caretree_web;

-- What stands there already stood there from the beginning, as far as anybody knows.
INSERT INTO orgs_placement (network_id, organization_id, parent_id, reason, placed_by, placed_at)
SELECT o.network_id, o.id, o.parent_id, '', '', o.created_at FROM orgs_organization o
 WHERE NOT EXISTS (SELECT 1 FROM orgs_placement p WHERE p.network_id = o.network_id AND p.organization_id = o.id);
