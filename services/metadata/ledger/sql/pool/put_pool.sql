-- Makes a pool or changes what is said of it; either way its row is locked. No row: it exists, and
-- must not be replaced.
-- $1 name, $2 description, $3 whether tasks that wait off any worker keep their slots, $4 whether
-- it may be replaced. Index: slot_pool_pkey.
insert into slot_pool (name, description, include_deferred) values ($1, $2, $3)
on conflict (name) do update set
  description = excluded.description,
  include_deferred = excluded.include_deferred
where $4::boolean
returning name
