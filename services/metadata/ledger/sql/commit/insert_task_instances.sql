-- New task instances, in the order they are listed in later.
-- One array a column, times in ms since the epoch; a column that no row fills may be empty.
-- Index: task_instance_pkey, task_instance_is_unique_in_run.
insert into task_instance (
  id, dag_run_id, task_id, map_index, state, try_number, tries_max, epoch, attempt_id, scheduled_at,
  queued_at, start_date, end_date, next_try_time, state_reason, losses_count, map_length, map_label,
  skip_decision_json, execution_deadline, waiting_since, reschedules_count, wait_id, wait, note,
  waiting_from
)
select
  id, dag_run_id, task_id, map_index, state, try_number, tries_max, epoch, attempt_id,
  to_timestamp(scheduled_at / 1000), to_timestamp(queued_at / 1000),
  to_timestamp(start_date / 1000), to_timestamp(end_date / 1000),
  to_timestamp(next_try_time / 1000), state_reason, losses_count, map_length, map_label,
  skip_decision_json, to_timestamp(execution_deadline / 1000), to_timestamp(waiting_since / 1000),
  reschedules_count, wait_id, wait, note,
  case when wait_id is not null then pg_current_snapshot() end
from unnest(
  $1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::task_instance_state[], $6::integer[],
  $7::integer[], $8::bigint[], $9::uuid[], $10::float8[], $11::float8[], $12::float8[],
  $13::float8[], $14::float8[], $15::text[], $16::integer[], $17::integer[], $18::text[],
  $19::text[], $20::float8[], $21::float8[], $22::integer[], $23::uuid[], $24::text[],
  $25::text[]
) as new_instance (
  id, dag_run_id, task_id, map_index, state, try_number, tries_max, epoch, attempt_id, scheduled_at,
  queued_at, start_date, end_date, next_try_time, state_reason, losses_count, map_length, map_label,
  skip_decision_json, execution_deadline, waiting_since, reschedules_count, wait_id, wait, note
)
