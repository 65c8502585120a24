-- Structure rules that must hold whatever writes the table.
CREATE FUNCTION app.check_organization() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    parent_kind text;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.kind <> OLD.kind OR NEW.network_id <> OLD.network_id OR NEW.currency <> OLD.currency) THEN
        RAISE EXCEPTION 'the kind, currency and network of an organization never change' USING ERRCODE = '23514';
    END IF;
    IF NEW.parent_id IS NOT NULL THEN
        SELECT kind INTO parent_kind FROM public.orgs_organization
         WHERE network_id = NEW.network_id AND id = NEW.parent_id;
        IF parent_kind = 'third_party' THEN
            RAISE EXCEPTION 'a third party takes nothing below it' USING ERRCODE = '23514';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER structure BEFORE INSERT OR UPDATE OF parent_id, kind, network_id, currency ON orgs_organization
    FOR EACH ROW EXECUTE FUNCTION app.check_organization();

-- Look-ups before a network is bound: a closed list, each returns ids only.
GRANT SELECT (network_id, user_id, starts_on, ends_on) ON orgs_membership TO caretree_lookup;
GRANT SELECT (id, network_id, token_sha256) ON orgs_invitation TO caretree_lookup;
CREATE POLICY lookup ON orgs_membership FOR SELECT TO caretree_lookup USING (true);
CREATE POLICY lookup ON orgs_invitation FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.networks_of_user(the_user bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT network_id FROM public.orgs_membership
     WHERE user_id = the_user AND starts_on <= CURRENT_DATE AND (ends_on IS NULL OR ends_on >= CURRENT_DATE)
     ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_of_user(bigint) OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_of_user(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_of_user(bigint) TO caretree_web;

CREATE FUNCTION lookup.network_of_invitation(the_token_sha256 text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT network_id FROM public.orgs_invitation WHERE token_sha256 = the_token_sha256
$$;
ALTER FUNCTION lookup.network_of_invitation(text) OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.network_of_invitation(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.network_of_invitation(text) TO caretree_web;

-- A new network's id is taken before its row is written, because the row is only visible to itself.
GRANT USAGE ON SEQUENCE core_network_id_seq TO caretree_web;
