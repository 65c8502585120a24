DROP TRIGGER append_only ON ledger_exchangerate;
