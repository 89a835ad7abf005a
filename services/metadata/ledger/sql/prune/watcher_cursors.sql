-- Where watchers stand whom no DAG defines any more. Index: asset_watcher_pkey.
delete from asset_watcher_cursor as place
where not exists (
  select from asset_watcher as defined
  where defined.asset_name = place.asset_name and defined.watcher_name = place.watcher_name
)
