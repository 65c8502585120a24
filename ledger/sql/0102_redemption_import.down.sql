DROP FUNCTION lookup.networks_with_redemption_imports();
DROP POLICY lookup ON ledger_redemptionimport;
REVOKE SELECT (network_id, lines_removed_at) ON ledger_redemptionimport FROM caretree_lookup;
ALTER TABLE ledger_redemptionimport DROP CONSTRAINT redemptionimport_content_is_what_was_sent;
