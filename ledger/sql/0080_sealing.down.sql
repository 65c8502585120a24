DROP TRIGGER wait_for_seal ON ledger_ledgerevent;
ALTER TABLE audit_unsealed DISABLE TRIGGER poster_only;
DELETE FROM audit_unsealed WHERE kind = 'journal';
ALTER TABLE audit_unsealed ENABLE TRIGGER poster_only;
