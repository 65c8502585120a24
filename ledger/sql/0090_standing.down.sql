DROP TRIGGER poster_only ON ledger_standing;
DROP TRIGGER never_deleted ON ledger_standing;
