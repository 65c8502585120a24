-- What was sent never changes; it only goes, and what went doesn't come back.
CREATE FUNCTION app.keep_import_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.content IS NOT NULL AND NEW.content IS DISTINCT FROM OLD.content
       OR OLD.file_removed_at IS NOT NULL AND NEW.file_removed_at IS DISTINCT FROM OLD.file_removed_at THEN
        RAISE EXCEPTION 'A file that was sent never changes; it can only be deleted.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER file_stays AFTER UPDATE OF content, file_removed_at ON orgs_organizationimport
    FOR EACH ROW EXECUTE FUNCTION app.keep_import_file();

-- Which networks have files of imports that may be old: asked by the worker before it binds one after the other. Ids only.
GRANT SELECT (network_id, file_removed_at) ON orgs_organizationimport TO caretree_lookup;
CREATE POLICY lookup ON orgs_organizationimport FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.networks_with_import_files() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.orgs_organizationimport WHERE file_removed_at IS NULL ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_import_files() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_import_files() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_import_files() TO caretree_web;
