DROP TRIGGER checked_again ON ledger_ledgerevent;
DROP FUNCTION posting.check_event();
DROP FUNCTION posting.check_void(bigint, bigint, date);
DROP FUNCTION IF EXISTS posting.move_pools(
    bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[]);
DROP FUNCTION IF EXISTS posting.refuse_parts(text);
DROP FUNCTION posting.refuse_closed(bigint[], date);
DROP FUNCTION IF EXISTS posting.refuse_tax();
DROP FUNCTION posting.refuse_movement(text[]);
DROP FUNCTION posting.refuse_sums(integer);
DROP FUNCTION posting.refuse(text, text);
