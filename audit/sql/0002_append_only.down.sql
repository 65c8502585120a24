DROP TRIGGER append_only ON audit_systemevent;
DROP TRIGGER append_only ON audit_accessevent;
DROP TRIGGER append_only ON audit_auditevent;
