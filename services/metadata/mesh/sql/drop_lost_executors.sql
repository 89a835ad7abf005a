-- Forgets executors whose announcement ran out.
-- Index: none needed (few rows).
delete from executor_instance where expires_at < clock_timestamp() returning id
