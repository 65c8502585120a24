DROP TRIGGER never_deleted ON patients_filledform;
DROP TRIGGER keep_filled ON patients_filledform;
DROP FUNCTION app.keep_filled_form();
