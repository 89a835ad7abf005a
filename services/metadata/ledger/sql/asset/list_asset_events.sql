-- Updates of an asset, or of all assets that came through an alias, by time.
-- $1 asset name, $2 asset URI, $3 alias (null: any), $4 only later than, $5 only earlier than, in ms
-- since the epoch (null: any), $6 whether the latest come first, $7 rows.
-- Index: asset_event_by_name, asset_event_by_uri, asset_event_alias_by_alias.
select
  e.id, e.asset_name, e.asset_uri, e.extra, e."timestamp", e.source_dag_id, e.source_run_id,
  e.source_task_id, e.source_map_index, e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from asset_event as e
where ($1::text is null or e.asset_name = $1)
  and ($2::text is null or e.asset_uri = $2)
  and (
    $3::text is null or e.id in (select event_id from asset_event_alias where alias = $3)
  )
  and ($4::float8 is null or e."timestamp" > to_timestamp($4 / 1000))
  and ($5::float8 is null or e."timestamp" < to_timestamp($5 / 1000))
order by
  case when $6::boolean then e."timestamp" end desc,
  case when $6::boolean then e.id end desc,
  e."timestamp",
  e.id
limit $7
