-- A statement of a hundred thousand lines is written in few statements: whether its reconciliation is signed is asked once
-- each, and not row by row.
DROP TRIGGER signed ON settlement_finding;
DROP TRIGGER signed ON settlement_ourline;
DROP TRIGGER signed ON settlement_statementline;
DROP FUNCTION app.keep_signed_content();

CREATE FUNCTION app.keep_signed_content() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    signed boolean;
BEGIN
    IF TG_TABLE_NAME = 'settlement_statementline' THEN
        SELECT bool_or(held.is_signed) INTO signed
          FROM (SELECT r.is_signed FROM public.settlement_reconciliation r
                 WHERE r.network_id = app.network_id() AND r.statement_id IN (SELECT statement_id FROM touched)
                   FOR SHARE) held;
    ELSE
        SELECT bool_or(held.is_signed) INTO signed
          FROM (SELECT r.is_signed FROM public.settlement_reconciliation r
                 WHERE r.network_id = app.network_id() AND r.id IN (SELECT reconciliation_id FROM touched)
                   FOR SHARE) held;
    END IF;
    IF signed THEN
        RAISE EXCEPTION 'This reconciliation is signed off. Reopen it with a reason first.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER signed_new AFTER INSERT ON settlement_finding REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed_changed AFTER UPDATE ON settlement_finding REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed_gone AFTER DELETE ON settlement_finding REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed_new AFTER INSERT ON settlement_ourline REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed_changed AFTER UPDATE ON settlement_ourline REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed_gone AFTER DELETE ON settlement_ourline REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed_new AFTER INSERT ON settlement_statementline REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed_changed AFTER UPDATE ON settlement_statementline REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_signed_content();
