-- The asset events that started the unfinished runs of partitions, or one run: of each at most 1,000
-- and what fits its share of a message, oldest first.
-- $1 smallint[] partitions or null, $2 run id (internal) or null, $3 bytes of what the events of one
-- run say, at most. Index: dag_run_live, dag_run_pkey, dag_run_asset_event_pkey, asset_event_pkey.
select
  r.id as dag_run_id, e.id, e.asset_name, e.asset_uri, e.extra, e."timestamp", e.source_dag_id,
  e.source_run_id, e.source_task_id, e.source_map_index, e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from dag_run as r
cross join lateral (
  select
    starting.event_id,
    sum(octet_length(sized.extra)) over (order by starting.event_id) as extra_bytes
  from dag_run_asset_event as starting
  join asset_event as sized on sized.id = starting.event_id
  where starting.dag_run_id = r.id
  order by starting.event_id
  limit 1000
) as told
join asset_event as e on e.id = told.event_id
where (
    (r.partition = any ($1::smallint[]) and r.state in ('queued', 'running')) or r.id = $2::uuid
  )
  and told.extra_bytes <= $3::bigint
order by r.id, e.id
