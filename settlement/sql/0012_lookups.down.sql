DROP FUNCTION lookup.networks_with_agreements();
DROP POLICY lookup ON settlement_nettingagreement;
REVOKE SELECT (network_id) ON settlement_nettingagreement FROM caretree_lookup;
