DROP TRIGGER unclaimed_is_posted ON ledger_ledgerevent;
DROP FUNCTION posting.check_unclaimed();
DROP TRIGGER keeps_unclaimed ON ledger_ledgerevent;
DROP FUNCTION app.keep_unclaimed();
DROP TRIGGER poster_only ON ledger_unclaimeditem;
DROP TRIGGER never_deleted ON ledger_unclaimeditem;
