-- Aliases that somebody names.
-- $1 text[] names. Index: asset_alias_pkey.
insert into asset_alias (name) select name from unnest($1::text[]) as alias (name) order by name
on conflict do nothing
