-- Forgets pauses of limit keys that ended by themselves.
-- Index: none needed (few pauses).
delete from key_pause where until < now() - interval '1 hour'
