-- Runs that moved on.
-- One array a column, times in ms since the epoch. Index: dag_run_pkey.
update dag_run set
  state = changed.state,
  queued_at = to_timestamp(changed.queued_at / 1000),
  start_date = to_timestamp(changed.start_date / 1000),
  end_date = to_timestamp(changed.end_date / 1000),
  clear_number = changed.clear_number,
  state_reason = changed.state_reason
from unnest(
  $1::uuid[], $2::dag_run_state[], $3::float8[], $4::float8[], $5::float8[], $6::integer[],
  $7::text[]
) as changed (id, state, queued_at, start_date, end_date, clear_number, state_reason)
where dag_run.id = changed.id
