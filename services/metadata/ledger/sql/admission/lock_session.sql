-- Locks the writer's session, so that nobody takes its partitions away while it commits; no row
-- means it has none.
-- $1 scheduler id. Index: scheduler_session_pkey.
-- A statement of its own: the next ones need a snapshot from after the lock.
select id from scheduler_session where id = $1 for no key update
