-- Sets the limit of a locked pool. What is taken beyond a lower limit stays taken, as overhang.
-- $1 pool, $2 slots. Index: slot_pool_entry_pkey (backward, one entry).
insert into slot_pool_entry (pool, entry_no, slots, used, overhang)
select
  $1, coalesce(entry.entry_no, 0) + 1, $2::integer, coalesce(entry.used, 0),
  case when $2::integer < 0 then 0 else greatest(0, coalesce(entry.used, 0) - $2::integer) end
from (select) as one
left join lateral (
  select entry_no, used from slot_pool_entry where pool = $1 order by entry_no desc limit 1
) as entry on true
