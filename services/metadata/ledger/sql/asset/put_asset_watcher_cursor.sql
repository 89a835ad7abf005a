-- Up to where a watcher has seen the updates of the asset it waits for.
-- $1 the asset it updates, $2 its name, $3 pg_snapshot. Index: asset_watcher_cursor_pkey.
insert into asset_watcher_cursor (asset_name, watcher_name, seen)
values ($1, $2, $3::pg_snapshot)
on conflict (asset_name, watcher_name) do update set seen = excluded.seen
