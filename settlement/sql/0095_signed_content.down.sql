DROP TRIGGER signed_new ON settlement_finding;
DROP TRIGGER signed_changed ON settlement_finding;
DROP TRIGGER signed_gone ON settlement_finding;
DROP TRIGGER signed_new ON settlement_ourline;
DROP TRIGGER signed_changed ON settlement_ourline;
DROP TRIGGER signed_gone ON settlement_ourline;
DROP TRIGGER signed_new ON settlement_statementline;
DROP TRIGGER signed_changed ON settlement_statementline;
DROP FUNCTION app.keep_signed_content();
CREATE FUNCTION app.keep_signed_content() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    touched jsonb := to_jsonb(coalesce(NEW, OLD));
    signed boolean;
BEGIN
    IF touched ? 'statement_id' THEN
        SELECT r.is_signed INTO signed FROM public.settlement_reconciliation r
         WHERE r.network_id = app.network_id() AND r.statement_id = (touched ->> 'statement_id')::bigint FOR SHARE;
    ELSE
        SELECT r.is_signed INTO signed FROM public.settlement_reconciliation r
         WHERE r.network_id = app.network_id() AND r.id = (touched ->> 'reconciliation_id')::bigint FOR SHARE;
    END IF;
    IF signed THEN
        RAISE EXCEPTION 'This reconciliation is signed off. Reopen it with a reason first.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER signed AFTER INSERT OR UPDATE OR DELETE ON settlement_finding
    FOR EACH ROW EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed AFTER INSERT OR UPDATE OR DELETE ON settlement_ourline
    FOR EACH ROW EXECUTE FUNCTION app.keep_signed_content();
CREATE TRIGGER signed AFTER INSERT OR UPDATE ON settlement_statementline
    FOR EACH ROW EXECUTE FUNCTION app.keep_signed_content();
