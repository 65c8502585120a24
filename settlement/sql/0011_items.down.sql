DROP TRIGGER settlements_stay ON ledger_ledgerevent;
DROP FUNCTION app.refuse_void_of_settlement();
DROP TRIGGER kept ON settlement_settlementrun;
DROP TRIGGER never_changed ON settlement_settlementitem;
DROP TRIGGER kept ON settlement_settlementitem;
DROP TRIGGER sound ON settlement_settlementitem;
DROP FUNCTION app.keep_settlement_run();
DROP FUNCTION app.keep_settlement_items();
DROP FUNCTION app.check_settlement_items();
