DROP FUNCTION posting.soft_close_period(bigint[], date, text, bigint, text);
DROP FUNCTION posting.reopen_period(bigint, bigint[], text, text, bigint, text);
DROP TRIGGER append_only ON ledger_closedstatement;
DROP TRIGGER never_deleted ON ledger_periodreopening;
DROP TRIGGER decided_once ON ledger_periodreopening;
DROP FUNCTION app.check_reopening();
CREATE OR REPLACE FUNCTION app.refuse_reopening() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'a closed period is not opened again' USING ERRCODE = '23001';
END $$;
