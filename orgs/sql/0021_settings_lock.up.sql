-- A change of what is assigned, waived or switched is judged by what is in force, so whoever makes it holds the lock of the
-- network's settings (class 6) from before it reads: who doesn't could write over what another has just changed, and is
-- refused. Migrations, copies and restores, which no policy binds to a network, are let be.
CREATE FUNCTION app.require_settings_lock() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    unlocked bigint;
BEGIN
    IF NOT row_security_active(TG_RELID) THEN
        RETURN NULL;
    END IF;
    SELECT min(network_id) INTO unlocked FROM touched
     WHERE network_id <> ALL (ARRAY(
               SELECT objid::bigint FROM pg_locks
                WHERE locktype = 'advisory' AND classid = 6 AND objsubid = 2 AND mode = 'ExclusiveLock'
                  AND pid = pg_backend_pid()));
    IF unlocked IS NOT NULL THEN
        RAISE EXCEPTION '% of network % was written without the lock of its settings', TG_TABLE_NAME, unlocked
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Call lock_settings() of orgs/queries/setting.py before reading what the change is judged by.';
    END IF;
    RETURN NULL;
END $$;

-- After the statement, so that what its rows break is said first; by transition tables, so that it is asked once.
CREATE TRIGGER locked_insert AFTER INSERT ON orgs_settingassignment REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
CREATE TRIGGER locked_update AFTER UPDATE ON orgs_settingassignment REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
CREATE TRIGGER locked_delete AFTER DELETE ON orgs_settingassignment REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
CREATE TRIGGER locked_insert AFTER INSERT ON orgs_settingwaiver REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
CREATE TRIGGER locked_update AFTER UPDATE ON orgs_settingwaiver REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
CREATE TRIGGER locked_delete AFTER DELETE ON orgs_settingwaiver REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
CREATE TRIGGER locked_insert AFTER INSERT ON orgs_moduleassignment REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
CREATE TRIGGER locked_update AFTER UPDATE ON orgs_moduleassignment REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
CREATE TRIGGER locked_delete AFTER DELETE ON orgs_moduleassignment REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.require_settings_lock();
