DROP TRIGGER append_only ON ledger_entitlementchange;
DROP TRIGGER poster_only ON ledger_entitlementchange;
DROP TRIGGER append_only ON ledger_breakagemovement;
DROP TRIGGER poster_only ON ledger_breakagemovement;
DROP TRIGGER never_deleted ON ledger_breakagepool;
DROP TRIGGER poster_only ON ledger_breakagepool;
