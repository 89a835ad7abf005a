-- The run before a logical date. Callbacks never count.
-- $1 DAG id, $2 logical date in ms since the epoch, $3 whether only runs that the timetable or a
-- backfill made count. Index: dag_run_logical_date_is_unique (backward).
select
  r.id, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, r.start_date, r.end_date, r.dag_version_id,
  r.clear_number, r.triggered_by, r.state_reason, r.conf_json, r.note, r.partition_key,
  r.backfill_id, r.backfill_ordinal, r.original_run_type, r.callback_of_run_id
from dag_run as r
where r.dag_id = $1
  and r.logical_date < to_timestamp($2::float8 / 1000)
  and r.run_type <> 'callback'
  and (not $3::boolean or r.run_type in ('scheduled', 'backfill'))
order by r.logical_date desc
limit 1
