DROP FUNCTION lookup.networks_with_overdue_requests();
DROP POLICY lookup ON vendors_servicerequest;
REVOKE ALL ON vendors_servicerequest FROM caretree_lookup;
