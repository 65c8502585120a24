DROP FUNCTION lookup.networks_with_breakage();
DROP POLICY lookup ON ledger_package;
REVOKE SELECT (network_id, breakage_percent) ON ledger_package FROM caretree_lookup;
