-- Seals: what is committed waits in a queue that commits with it, and posting.seal chains digests over it afterwards.

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_sealsending
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_sealcheck
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER never_changed BEFORE UPDATE OR TRUNCATE ON audit_unsealed
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();

-- Only the functions of the schema posting write seals and their queue.
CREATE FUNCTION app.refuse_sealer() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: only posting.seal writes it', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE TRIGGER poster_only BEFORE INSERT ON audit_seal
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_sealer();
CREATE TRIGGER poster_only BEFORE INSERT OR DELETE ON audit_unsealed
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_sealer();

-- What was written waits for its seal from the same moment on: no row is visible without the other.
CREATE FUNCTION posting.wait_for_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.audit_unsealed (network_id, kind, row_id) SELECT network_id, TG_ARGV[0], id FROM fresh;
    RETURN NULL;
END $$;

-- Seals at most so many rows of a kind, the smallest ids first; returns how many. One at a time; the others return 0.
-- A row that is gone before it was sealed stays in the queue, where verification finds it.
CREATE FUNCTION posting.seal(the_kind text, at_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    network bigint := app.network_id();
    made timestamptz := clock_timestamp();
    before record;
    ids bigint[];
    digests bytea;
BEGIN
    IF NOT pg_try_advisory_xact_lock((5::bigint << 56) + network) THEN
        RETURN 0;
    END IF;
    EXECUTE format('SELECT array_agg(row_id ORDER BY row_id), string_agg(digest, '''' ORDER BY row_id) FROM posting.%I($1)',
                   the_kind || '_digests')
       INTO ids, digests
      USING ARRAY(SELECT row_id FROM public.audit_unsealed
                   WHERE network_id = network AND kind = the_kind ORDER BY row_id LIMIT at_most);
    IF ids IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM public.audit_unsealed WHERE network_id = network AND kind = the_kind AND row_id = ANY (ids);
    SELECT number, digest INTO before FROM public.audit_seal
     WHERE network_id = network AND kind = the_kind ORDER BY number DESC LIMIT 1;
    INSERT INTO public.audit_seal (
        network_id, kind, number, row_count, previous, digest, row_ids, row_digests, made_at)
    VALUES (
        network, the_kind, coalesce(before.number, 0) + 1, cardinality(ids), coalesce(before.digest, ''),
        sha256(coalesce(before.digest, '')
               || convert_to(format('caretree seal 1:%s:%s:%s:%s:%s', network, the_kind, coalesce(before.number, 0) + 1,
                                    cardinality(ids), (extract(epoch FROM made) * 1000000)::bigint), 'UTF8')
               || digests),
        ids, digests, made);
    RETURN cardinality(ids);
END $$;

ALTER FUNCTION posting.wait_for_seal() OWNER TO caretree_poster;
ALTER FUNCTION posting.seal(text, integer) OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.wait_for_seal(), posting.seal(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting.seal(text, integer) TO caretree_web;

-- What is there already waits as well.
ALTER TABLE audit_unsealed DISABLE TRIGGER poster_only;
INSERT INTO audit_unsealed (network_id, kind, row_id)
SELECT network_id, 'audit', id FROM audit_auditevent UNION ALL SELECT network_id, 'reads', id FROM audit_accessevent
ON CONFLICT DO NOTHING;
ALTER TABLE audit_unsealed ENABLE TRIGGER poster_only;

CREATE TRIGGER wait_for_seal AFTER INSERT ON audit_auditevent REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION posting.wait_for_seal('audit');
CREATE TRIGGER wait_for_seal AFTER INSERT ON audit_accessevent REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION posting.wait_for_seal('reads');

-- Which networks have something to seal: asked by the worker before it binds one after the other. Ids only.
GRANT SELECT (network_id) ON audit_unsealed TO caretree_lookup;
CREATE POLICY lookup ON audit_unsealed FOR SELECT TO caretree_lookup USING (true);
CREATE FUNCTION lookup.networks_with_unsealed() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.audit_unsealed ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_unsealed() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_unsealed() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_unsealed() TO caretree_web;
GRANT SELECT (network_id) ON audit_seal TO caretree_lookup;
CREATE POLICY lookup ON audit_seal FOR SELECT TO caretree_lookup USING (true);
CREATE FUNCTION lookup.networks_with_seals() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.audit_seal ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_seals() OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_seals() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_seals() TO caretree_web;
