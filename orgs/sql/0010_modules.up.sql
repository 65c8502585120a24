-- What is switched on and off is remembered under the version of the settings, so it renews that too.
CREATE TRIGGER renew_version AFTER INSERT OR UPDATE OR DELETE ON orgs_moduleassignment
    FOR EACH ROW EXECUTE FUNCTION app.renew_settings_version();
-- Who is asked is the organization above, so a move renews it, too.
CREATE TRIGGER renew_version_on_move AFTER UPDATE OF parent_id ON orgs_organization
    FOR EACH ROW WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION app.renew_settings_version();

-- Whether modules are on at many organizations: off is what is switched off there or at any organization above.
-- What a module requires is for the caller to ask, too: the database doesn't know the registry.
-- orgs/rules/switching.py says the same of one.
CREATE FUNCTION app.modules_in_force(the_organizations bigint[], the_modules text[])
RETURNS TABLE (organization_id bigint, module text, is_on boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT o.id, m.code, NOT EXISTS (
               SELECT FROM public.orgs_moduleassignment a
                 JOIN public.orgs_organization n ON n.network_id = a.network_id AND n.id = a.organization_id
                WHERE a.network_id = o.network_id AND a.module = m.code AND NOT a.active
                  AND n.tree_id = o.tree_id AND n.lft <= o.lft AND n.rght >= o.rght)
      FROM public.orgs_organization o
     CROSS JOIN (SELECT DISTINCT unnest(the_modules) AS code) m
     WHERE o.network_id = app.network_id() AND o.id = ANY (the_organizations)
$$;
REVOKE ALL ON FUNCTION app.modules_in_force(bigint[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.modules_in_force(bigint[], text[]) TO caretree_web;
