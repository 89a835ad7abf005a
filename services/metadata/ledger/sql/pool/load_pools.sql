-- All pools with their balances.
select name as pool, slots, used, include_deferred from slot_pool_balance order by name
