-- The journal is sealed as the trail is: what is there already waits, and every event from now on.
ALTER TABLE audit_unsealed DISABLE TRIGGER poster_only;
INSERT INTO audit_unsealed (network_id, kind, row_id)
SELECT network_id, 'journal', id FROM ledger_ledgerevent
EXCEPT SELECT network_id, kind, unnest(row_ids) FROM audit_seal
ON CONFLICT DO NOTHING;
ALTER TABLE audit_unsealed ENABLE TRIGGER poster_only;
CREATE TRIGGER wait_for_seal AFTER INSERT ON ledger_ledgerevent REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION posting.wait_for_seal('journal');
