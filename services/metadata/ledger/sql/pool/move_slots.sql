-- Takes slots from locked pools or gives them back, and answers the new balances. What a lowered
-- limit left hanging over melts as slots come back.
-- $1 text[] pools, $2 integer[] slots: positive are taken. Index: slot_pool_entry_pkey (backward,
-- one entry a pool), slot_pool_pkey.
insert into slot_pool_entry (pool, entry_no, slots, used, overhang)
select
  move.pool,
  entry.entry_no + 1,
  entry.slots,
  greatest(0, entry.used + move.delta),
  least(entry.overhang, greatest(0, entry.used + move.delta - entry.slots))
from unnest($1::text[], $2::integer[]) as move (pool, delta)
cross join lateral (
  select entry_no, slots, used,
  overhang from slot_pool_entry where pool = move.pool order by entry_no desc limit 1
) as entry
returning pool, slots, used, overhang,
  (select include_deferred from slot_pool where name = slot_pool_entry.pool) as include_deferred
