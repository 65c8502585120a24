DROP FUNCTION posting.post_events;
