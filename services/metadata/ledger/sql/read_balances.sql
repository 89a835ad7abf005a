-- The balances of pools. Pools that do not exist are absent from the answer.
-- $1 text[] names. Index: slot_pool_entry_pkey (backward, one entry a pool).
select asked.pool, entry.slots, entry.used, entry.overhang
from unnest($1::text[]) as asked (pool)
cross join lateral (
  select slots, used,
  overhang from slot_pool_entry where pool = asked.pool order by entry_no desc limit 1
) as entry
