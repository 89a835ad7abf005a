-- The balances of pools. Pools that do not exist are absent from the answer.
-- $1 text[] names. Index: slot_pool_pkey, slot_pool_entry_pkey (backward, one entry a pool).
select pool.name as pool, entry.slots, entry.used, entry.overhang, pool.include_deferred
from unnest($1::text[]) as asked (name)
join slot_pool as pool on pool.name = asked.name
cross join lateral (
  select slots, used,
  overhang from slot_pool_entry where pool = asked.name order by entry_no desc limit 1
) as entry
