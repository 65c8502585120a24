DROP TRIGGER totals ON settlement_acknowledgement;
DROP TRIGGER totals ON settlement_settlementitem;
DROP TRIGGER totals_back ON settlement_settlementitem;
DROP TRIGGER never_emptied ON settlement_itemtotal;
DROP TRIGGER kept ON settlement_itemtotal;
DROP FUNCTION app.add_acknowledged();
DROP FUNCTION app.move_taken();
DROP FUNCTION app.refuse_total();
