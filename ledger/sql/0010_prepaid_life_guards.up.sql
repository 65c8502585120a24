-- What holds the tables of the prepaid life whatever writes them.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entitlementchange
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER poster_only BEFORE INSERT ON ledger_entitlementchange
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_breakagemovement
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER poster_only BEFORE INSERT ON ledger_breakagemovement
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_breakagepool
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER poster_only BEFORE INSERT OR UPDATE ON ledger_breakagepool
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
