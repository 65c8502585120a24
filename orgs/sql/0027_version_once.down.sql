DROP TRIGGER renew_version_insert ON orgs_settingassignment;
DROP TRIGGER renew_version_update ON orgs_settingassignment;
DROP TRIGGER renew_version_delete ON orgs_settingassignment;
DROP TRIGGER renew_version_insert ON orgs_settingwaiver;
DROP TRIGGER renew_version_update ON orgs_settingwaiver;
DROP TRIGGER renew_version_delete ON orgs_settingwaiver;
DROP TRIGGER renew_version_insert ON orgs_moduleassignment;
DROP TRIGGER renew_version_update ON orgs_moduleassignment;
DROP TRIGGER renew_version_delete ON orgs_moduleassignment;
DROP TRIGGER renew_settings_version ON orgs_organization;
DROP FUNCTION app.renew_settings_version_of_places();

CREATE OR REPLACE FUNCTION app.renew_settings_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.orgs_settingsversion AS held (network_id, version)
    VALUES (coalesce(NEW.network_id, OLD.network_id), gen_random_uuid())
    ON CONFLICT (network_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;

CREATE TRIGGER renew_version AFTER INSERT OR UPDATE OR DELETE ON orgs_settingassignment
    FOR EACH ROW EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version AFTER INSERT OR UPDATE OR DELETE ON orgs_settingwaiver
    FOR EACH ROW EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version AFTER INSERT OR UPDATE OR DELETE ON orgs_moduleassignment
    FOR EACH ROW EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_settings_version AFTER UPDATE OF name, time_zone ON orgs_organization
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.time_zone IS DISTINCT FROM NEW.time_zone)
    EXECUTE FUNCTION app.renew_settings_version();
CREATE TRIGGER renew_version_on_move AFTER UPDATE OF parent_id ON orgs_organization
    FOR EACH ROW WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION app.renew_settings_version();
