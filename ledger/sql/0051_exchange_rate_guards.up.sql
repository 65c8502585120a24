-- What was on record stays on record: a correction is one more version.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_exchangerate
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
