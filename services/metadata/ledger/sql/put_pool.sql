-- Makes a pool or changes its description; either way its row is locked. No row: it exists, and
-- must not be replaced.
-- $1 name, $2 description, $3 whether it may be replaced. Index: slot_pool_pkey.
insert into slot_pool (name, description) values ($1, $2)
on conflict (name) do update set description = excluded.description where $3::boolean
returning name
