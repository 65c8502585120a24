-- Which patients a line of the log names, one row each, whoever writes the line.
CREATE FUNCTION app.note_patients() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.audit_patientread (network_id, patient_id, event_id)
    SELECT DISTINCT NEW.network_id, patient_id, NEW.id FROM unnest(NEW.patient_ids) patient_id;
    RETURN NULL;
END $$;

INSERT INTO audit_patientread (network_id, patient_id, event_id)
SELECT DISTINCT network_id, patient_id, id FROM audit_accessevent, unnest(patient_ids) patient_id
ON CONFLICT DO NOTHING;

CREATE TRIGGER note_patients AFTER INSERT ON audit_accessevent
    FOR EACH ROW EXECUTE FUNCTION app.note_patients();
-- A row that no line of the log stands behind would push true ones off the page.
CREATE FUNCTION app.refuse_insert() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'INSERT on % is refused: its rows follow from the log', TG_TABLE_NAME USING ERRCODE = '23001';
END $$;
CREATE TRIGGER follows_the_log AFTER INSERT ON audit_patientread
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION app.refuse_insert();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_patientread
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
