-- The asset events that started runs that are not finished, at most 1,000 a run, oldest first.
-- $1 smallint[] partitions. Index: dag_run_live, dag_run_asset_event_pkey, asset_event_pkey.
select
  r.id as dag_run_id, e.id, e.asset_name, e.asset_uri, e.extra, e."timestamp", e.source_dag_id,
  e.source_run_id, e.source_task_id, e.source_map_index, e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from dag_run as r
cross join lateral (
  select event_id from dag_run_asset_event where dag_run_id = r.id order by event_id limit 1000
) as starting
join asset_event as e on e.id = starting.event_id
where r.partition = any ($1::smallint[]) and r.state in ('queued', 'running')
order by r.id, e.id
