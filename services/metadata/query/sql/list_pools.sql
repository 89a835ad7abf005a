-- Pools by name, with their balances.
-- $1 name of the last one before the page or null, $2 rows. Index: slot_pool_pkey,
-- slot_pool_entry_pkey.
select name, slots, used, description, include_deferred
from slot_pool_balance
where $1::text is null or name > $1::text
order by name
limit $2
