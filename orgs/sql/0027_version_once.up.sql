-- A statement renews a network's version once, however many rows it writes: ten thousand values are one change.
DROP TRIGGER renew_version ON orgs_settingassignment;
DROP TRIGGER renew_version ON orgs_settingwaiver;
DROP TRIGGER renew_version ON orgs_moduleassignment;
DROP TRIGGER renew_settings_version ON orgs_organization;
DROP TRIGGER renew_version_on_move ON orgs_organization;

CREATE OR REPLACE FUNCTION app.renew_settings_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.orgs_settingsversion AS held (network_id, version)
    SELECT network_id, gen_random_uuid() FROM touched GROUP BY network_id
    ON CONFLICT (network_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;

-- What provenance shows and days are judged by, and, of modules, who is asked: the organization above.
CREATE FUNCTION app.renew_settings_version_of_places() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.orgs_settingsversion AS held (network_id, version)
    SELECT network_id, gen_random_uuid()
      FROM (SELECT n.network_id FROM old_places o JOIN new_places n ON n.id = o.id
             WHERE (o.name, o.time_zone, o.parent_id) IS DISTINCT FROM (n.name, n.time_zone, n.parent_id)) AS changed
     GROUP BY network_id
    ON CONFLICT (network_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;

CREATE TRIGGER renew_version_insert AFTER INSERT ON orgs_settingassignment REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_update AFTER UPDATE ON orgs_settingassignment REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_delete AFTER DELETE ON orgs_settingassignment REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_insert AFTER INSERT ON orgs_settingwaiver REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_update AFTER UPDATE ON orgs_settingwaiver REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_delete AFTER DELETE ON orgs_settingwaiver REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_insert AFTER INSERT ON orgs_moduleassignment REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_update AFTER UPDATE ON orgs_moduleassignment REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_delete AFTER DELETE ON orgs_moduleassignment REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_settings_version AFTER UPDATE ON orgs_organization
    REFERENCING OLD TABLE AS old_places NEW TABLE AS new_places
    FOR EACH STATEMENT EXECUTE FUNCTION app.renew_settings_version_of_places();
