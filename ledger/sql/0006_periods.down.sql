DROP FUNCTION IF EXISTS posting.lock_breakage_pool(bigint, bigint);
DROP FUNCTION posting.lock_entitlement(bigint);
DROP FUNCTION posting.fold_deltas(integer);
DROP FUNCTION posting.close_period(bigint[], date, text, bigint, text);
