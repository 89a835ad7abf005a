-- Updates of assets, latest first: their ids rise with time.
-- $1 asset name, $2 source DAG id, $3 source run_id, $4 source task id, each or null; instants in
-- ms since the epoch or null, inclusive: $5 first, $6 last; $7 id of the last one before the page
-- or null, $8 rows. Index: asset_event_by_name, asset_event_by_source, asset_event_pkey,
-- asset_event_alias_pkey.
select
  e.id, e.asset_name, e.asset_uri, e.extra, e."timestamp", e.source_dag_id, e.source_run_id,
  e.source_task_id, e.source_map_index, e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from asset_event as e
where ($1::text is null or e.asset_name = $1::text)
  and ($2::text is null or e.source_dag_id = $2::text)
  and ($3::text is null or e.source_run_id = $3::text)
  and ($4::text is null or e.source_task_id = $4::text)
  and ($5::float8 is null or e."timestamp" >= to_timestamp($5::float8 / 1000))
  and ($6::float8 is null or e."timestamp" <= to_timestamp($6::float8 / 1000))
  and ($7::uuid is null or e.id < $7::uuid)
order by e.id desc
limit $8
