DROP FUNCTION lookup.networks_with_expiries(date);
DROP POLICY lookup ON ledger_entitlement;
REVOKE SELECT (network_id, expires_on, status) ON ledger_entitlement FROM caretree_lookup;
