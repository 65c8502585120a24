DROP FUNCTION posting.post_event;
DROP FUNCTION posting.make_accounts(bigint[], text[], text[], bigint[]);
