-- The asset events that started one run, at most 1,000, oldest first.
-- $1 run id (internal). Index: dag_run_asset_event_pkey, asset_event_pkey.
select
  e.id, e.asset_name, e.asset_uri, e.extra, e."timestamp", e.source_dag_id, e.source_run_id,
  e.source_task_id, e.source_map_index, e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from dag_run_asset_event as starting
join asset_event as e on e.id = starting.event_id
where starting.dag_run_id = $1
order by e.id
limit 1000
