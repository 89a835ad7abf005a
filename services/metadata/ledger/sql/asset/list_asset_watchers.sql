-- The watchers of the assets of partitions, as active, unpaused DAGs define them, each with the
-- last update it saw and, when it watches another asset, up to where. Of different definitions of
-- one watcher the first by DAG id counts.
-- $1 smallint[] partitions. Index: asset_watcher_by_partition, dag_pkey, asset_event_by_actor,
-- asset_watcher_cursor_pkey.
select
  watcher.asset_name, watcher.watcher_name, watcher.dag_id, watcher.trigger,
  sha256(watcher.trigger) as definition_sha256, latest."timestamp" as last_event_time,
  sha256(convert_to(latest.extra, 'UTF8')) as last_event_sha256,
  coalesce(
    cursor_of.seen, case when latest."timestamp" is null then watcher.defined_at end
  )::text as cursor
from (
  select distinct on (defined.asset_name, defined.watcher_name)
    defined.asset_name, defined.watcher_name, defined.dag_id, defined.trigger,
    defined.defined_at
  from asset_watcher as defined
  join dag on dag.dag_id = defined.dag_id and dag.is_active and not dag.is_paused
  where defined.partition = any ($1::smallint[])
  order by defined.asset_name, defined.watcher_name, defined.dag_id
) as watcher
left join lateral (
  select e."timestamp", e.extra from asset_event as e
  where e.asset_name = watcher.asset_name and e.actor = 'watcher:' || watcher.watcher_name
    and e.actor <> ''
  order by e."timestamp" desc
  limit 1
) as latest on true
left join asset_watcher_cursor as cursor_of
  on cursor_of.asset_name = watcher.asset_name and cursor_of.watcher_name = watcher.watcher_name
order by watcher.asset_name, watcher.watcher_name
