DROP FUNCTION lookup.networks_with_deltas();
DROP POLICY lookup ON ledger_balancedelta;
REVOKE ALL ON ledger_balancedelta FROM caretree_lookup;
