DROP FUNCTION app.refuse_change();
DROP FUNCTION app.contact_id();
DROP FUNCTION app.vendor_id();
DROP FUNCTION app.network_id();
DROP SCHEMA posting;
DROP SCHEMA lookup;
DROP SCHEMA app;
