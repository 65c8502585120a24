DROP FUNCTION posting.lock_entitlements(bigint[]);
