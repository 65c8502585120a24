-- Before anybody is known: whose a logo is, and which network answers at a host name. Ids only.
GRANT SELECT (network_id, sha256) ON orgs_logo TO caretree_lookup;
CREATE POLICY lookup ON orgs_logo FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.network_of_logo(the_digest text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT min(network_id) FROM public.orgs_logo WHERE sha256 = the_digest
$$;
ALTER FUNCTION lookup.network_of_logo(text) OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.network_of_logo(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.network_of_logo(text) TO caretree_web;

GRANT SELECT (network_id, name, face, confirmed_at) ON orgs_hostname TO caretree_lookup;
CREATE POLICY lookup ON orgs_hostname FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.network_of_host(the_name text, the_face text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT network_id FROM public.orgs_hostname
     WHERE name = the_name AND face = the_face AND confirmed_at IS NOT NULL
$$;
ALTER FUNCTION lookup.network_of_host(text, text) OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.network_of_host(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.network_of_host(text, text) TO caretree_web;
