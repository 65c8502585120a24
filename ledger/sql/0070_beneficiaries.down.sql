DROP TRIGGER never_deleted ON ledger_beneficiary;
DROP TRIGGER beneficiaries_within_limits ON ledger_beneficiary;
DROP FUNCTION app.check_beneficiary();
