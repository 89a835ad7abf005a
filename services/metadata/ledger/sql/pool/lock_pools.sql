-- Locks pools, in the one order everybody locks them in. Pools that do not exist are absent from
-- the answer.
-- $1 text[] names. Index: slot_pool_pkey.
-- A statement of its own: whoever reads the balances next needs a snapshot from after the lock.
select name from slot_pool where name = any ($1::text[]) order by name for no key update
