DROP TRIGGER downwards ON content_contentshare;
DROP FUNCTION app.check_content_share();
DROP TRIGGER never_truncated ON content_contentversion;
DROP TRIGGER published_stays ON content_contentversion;
DROP FUNCTION app.keep_published_content();
