DROP FUNCTION app.content_available(bigint[]);
