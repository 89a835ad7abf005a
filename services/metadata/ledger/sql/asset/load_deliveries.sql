-- The asset events that await consumers in partitions, oldest first.
-- $1 smallint[] partitions, $2 rows and $3 bytes of what the events say, at most (null: any), so
-- that one always fits; $4 uuid event and $5 text DAG id of the delivery they come after (null: any).
-- Index: asset_delivery_by_partition, asset_event_pkey.
select
  queued.dag_id, e.id, e.asset_name, e.asset_uri, e.extra, e."timestamp", e.source_dag_id,
  e.source_run_id, e.source_task_id, e.source_map_index, e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from (
  select
    d.dag_id, d.event_id,
    sum(octet_length(sized.extra)) over (order by d.event_id, d.dag_id)
      - octet_length(sized.extra) as bytes_before
  from asset_delivery as d
  join asset_event as sized on sized.id = d.event_id
  where d.partition = any ($1::smallint[])
    and ($4::uuid is null or (d.event_id, d.dag_id) > ($4::uuid, $5::text))
  order by d.event_id, d.dag_id
  limit $2::bigint
) as queued
join asset_event as e on e.id = queued.event_id
where $3::bigint is null or queued.bytes_before < $3
order by queued.event_id, queued.dag_id
