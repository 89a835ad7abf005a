-- Deletes a locked pool with all its entries.
-- $1 name. Index: slot_pool_pkey, slot_pool_entry_pkey.
with entries as (
  delete from slot_pool_entry where pool = $1
)
delete from slot_pool where name = $1
