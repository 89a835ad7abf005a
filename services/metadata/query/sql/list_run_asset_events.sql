-- The updates of assets that started a run, oldest first.
-- $1 run id (internal), $2 rows. Index: dag_run_asset_event_pkey, asset_event_pkey,
-- asset_event_alias_pkey.
select
  e.id, e.asset_name, e.asset_uri, e.extra, e."timestamp", e.source_dag_id, e.source_run_id,
  e.source_task_id, e.source_map_index, e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from dag_run_asset_event as s
join asset_event as e on e.id = s.event_id
where s.dag_run_id = $1
order by e.id
limit $2
