-- Which networks have entitlements whose last day has passed: asked by the worker before it binds one after the other.
-- Ids only. What nothing is left of has a last day, too; whoever is bound looks closer.
GRANT SELECT (network_id, expires_on, status) ON ledger_entitlement TO caretree_lookup;
CREATE POLICY lookup ON ledger_entitlement FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.networks_with_expiries(the_day date) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT network.id FROM public.core_network network
     WHERE EXISTS (SELECT FROM public.ledger_entitlement entitlement
                    WHERE entitlement.network_id = network.id AND entitlement.expires_on < the_day
                      AND entitlement.status = 'active')
     ORDER BY 1
$$;
ALTER FUNCTION lookup.networks_with_expiries(date) OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.networks_with_expiries(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.networks_with_expiries(date) TO caretree_web;
