DROP FUNCTION posting.post_events;
DROP FUNCTION IF EXISTS posting.move_fresh_pools;
