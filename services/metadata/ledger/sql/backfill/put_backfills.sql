-- Backfills that are new, or changed: of those the state and the limit are taken over.
-- One array a column, times in ms since the epoch; the tasks of each are a JSON list.
-- Index: backfill_pkey.
insert into backfill (
  id, dag_id, partition, from_date, to_date, conf_json, reprocess_behavior, active_runs_max,
  is_reverse, task_ids, task_ids_include_upstream, stops_on_failure, run_on_latest_version, state,
  created_by, created_at, completed_at
)
select
  id, dag_id, partition, to_timestamp(from_date / 1000), to_timestamp(to_date / 1000), conf_json,
  reprocess_behavior, active_runs_max, is_reverse,
  array(select json_array_elements_text(task_ids::json)), task_ids_include_upstream,
  stops_on_failure, run_on_latest_version, state, created_by,
  coalesce(to_timestamp(created_at / 1000), now()), to_timestamp(completed_at / 1000)
from unnest(
  $1::uuid[], $2::text[], $3::smallint[], $4::float8[], $5::float8[], $6::text[],
  $7::reprocess_behavior[], $8::integer[], $9::boolean[], $10::text[], $11::boolean[],
  $12::boolean[], $13::boolean[], $14::backfill_state[], $15::text[], $16::float8[], $17::float8[]
) as put (
  id, dag_id, partition, from_date, to_date, conf_json, reprocess_behavior, active_runs_max,
  is_reverse, task_ids, task_ids_include_upstream, stops_on_failure, run_on_latest_version, state,
  created_by, created_at, completed_at
)
on conflict (id) do update set
  state = excluded.state,
  active_runs_max = excluded.active_runs_max,
  completed_at = excluded.completed_at
