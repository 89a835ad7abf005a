-- Forgets entries of pools that newer ones have replaced.
-- Index: none needed (rows of about a minute).
delete from slot_pool_entry as e
using (select pool, max(entry_no) as newest from slot_pool_entry group by pool) as last
where e.pool = last.pool and e.entry_no < last.newest - 100
