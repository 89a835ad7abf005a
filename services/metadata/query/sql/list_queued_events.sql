-- Updates of assets that await a DAG, oldest first.
-- $1 DAG id, $2 asset name or null, $3 id of the last one before the page or null, $4 rows.
-- Index: asset_delivery_pkey, asset_event_pkey, asset_event_alias_pkey.
select
  e.id, e.asset_name, e.asset_uri, e.extra, e."timestamp", e.source_dag_id, e.source_run_id,
  e.source_task_id, e.source_map_index, e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from asset_delivery as q
join asset_event as e on e.id = q.event_id
where q.dag_id = $1
  and ($2::text is null or e.asset_name = $2::text)
  and ($3::uuid is null or q.event_id > $3::uuid)
order by q.event_id
limit $4
