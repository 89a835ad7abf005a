-- Runs that moved on.
-- One array a column, times in ms since the epoch; a column that no row fills may be empty.
-- Index: dag_run_pkey.
update dag_run set
  run_type = changed.run_type,
  state = changed.state,
  queued_at = to_timestamp(changed.queued_at / 1000),
  start_date = to_timestamp(changed.start_date / 1000),
  end_date = to_timestamp(changed.end_date / 1000),
  dag_version_id = changed.dag_version_id,
  clear_number = changed.clear_number,
  state_reason = changed.state_reason,
  note = changed.note,
  backfill_id = changed.backfill_id,
  backfill_ordinal = changed.backfill_ordinal,
  original_run_type = changed.original_run_type
from unnest(
  $1::uuid[], $2::run_type[], $3::dag_run_state[], $4::float8[], $5::float8[], $6::float8[],
  $7::bigint[], $8::integer[], $9::text[], $10::text[], $11::uuid[], $12::integer[],
  $13::run_type[]
) as changed (
  id, run_type, state, queued_at, start_date, end_date, dag_version_id, clear_number, state_reason,
  note, backfill_id, backfill_ordinal, original_run_type
)
where dag_run.id = changed.id
