DROP TRIGGER never_deleted ON ledger_pricechange;
DROP TRIGGER begun_prices_stay ON ledger_tariffprice;
DROP FUNCTION app.keep_begun_price();
