-- Schemas: app holds what policies call, lookup the closed list of look-ups before a network is bound,
-- posting the only functions that write the ledger.
CREATE SCHEMA app;
CREATE SCHEMA lookup;
CREATE SCHEMA posting;
GRANT USAGE ON SCHEMA app TO caretree_owner, caretree_poster, caretree_lookup, caretree_web, caretree_portal;
GRANT USAGE ON SCHEMA lookup TO caretree_web;
GRANT USAGE ON SCHEMA posting TO caretree_web, caretree_poster;
GRANT USAGE ON SCHEMA public TO caretree_owner, caretree_poster, caretree_lookup, caretree_web, caretree_portal;
GRANT CREATE ON SCHEMA lookup TO caretree_lookup;
GRANT USAGE ON SCHEMA lookup TO caretree_lookup;
GRANT CREATE ON SCHEMA posting TO caretree_poster;

-- The bound network. Raises instead of answering NULL: a forgotten binding must be loud, not an empty page.
CREATE FUNCTION app.network_id() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    bound text := current_setting('app.network', true);
BEGIN
    IF bound IS NULL OR bound = '' THEN
        RAISE EXCEPTION 'no network is bound' USING ERRCODE = '42501';
    END IF;
    RETURN bound::bigint;
END $$;

-- The vendor and the contact of a portal request.
CREATE FUNCTION app.vendor_id() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    bound text := current_setting('app.vendor', true);
BEGIN
    IF bound IS NULL OR bound = '' THEN
        RAISE EXCEPTION 'no vendor is bound' USING ERRCODE = '42501';
    END IF;
    RETURN bound::bigint;
END $$;

CREATE FUNCTION app.contact_id() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    bound text := current_setting('app.contact', true);
BEGIN
    IF bound IS NULL OR bound = '' THEN
        RAISE EXCEPTION 'no contact is bound' USING ERRCODE = '42501';
    END IF;
    RETURN bound::bigint;
END $$;

-- For append-only tables.
CREATE FUNCTION app.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the table is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
END $$;
