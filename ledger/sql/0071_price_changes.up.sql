-- A list price that has begun stays: what was charged by it is explained by it.
CREATE FUNCTION app.keep_begun_price() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.starts_on <= current_date - 1 OR OLD.change_id IS NULL THEN
        RAISE EXCEPTION 'A price that has begun is not deleted. Set another from a later day on.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER begun_prices_stay BEFORE DELETE ON ledger_tariffprice
    FOR EACH ROW EXECUTE FUNCTION app.keep_begun_price();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_pricechange
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
