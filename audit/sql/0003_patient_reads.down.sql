DROP TRIGGER append_only ON audit_patientread;
DROP TRIGGER follows_the_log ON audit_patientread;
DROP FUNCTION app.refuse_insert();
DROP TRIGGER note_patients ON audit_accessevent;
DROP FUNCTION app.note_patients();
