DROP TRIGGER never_deleted ON vendors_requestmessage;
DROP TRIGGER sides ON vendors_requestmessage;
DROP FUNCTION app.check_request_message();
