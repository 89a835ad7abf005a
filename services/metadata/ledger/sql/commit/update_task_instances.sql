-- Task instances that moved on: everything but the key is taken over. The map index is: an instance
-- that is expanded becomes the first of its task's.
-- One array a column, times in ms since the epoch; a column that no row fills may be empty.
-- Index: task_instance_pkey.
update task_instance set
  map_index = changed.map_index,
  state = changed.state,
  try_number = changed.try_number,
  tries_max = changed.tries_max,
  epoch = changed.epoch,
  attempt_id = changed.attempt_id,
  scheduled_at = to_timestamp(changed.scheduled_at / 1000),
  queued_at = to_timestamp(changed.queued_at / 1000),
  start_date = to_timestamp(changed.start_date / 1000),
  end_date = to_timestamp(changed.end_date / 1000),
  next_try_time = to_timestamp(changed.next_try_time / 1000),
  state_reason = changed.state_reason,
  losses_count = changed.losses_count,
  map_length = changed.map_length,
  map_label = changed.map_label,
  skip_decision_json = changed.skip_decision_json,
  execution_deadline = to_timestamp(changed.execution_deadline / 1000),
  waiting_since = to_timestamp(changed.waiting_since / 1000),
  reschedules_count = changed.reschedules_count,
  wait_id = changed.wait_id,
  waiting_from = case
    when changed.wait_id is null then null
    when changed.wait_id = task_instance.wait_id then task_instance.waiting_from
    else pg_current_snapshot()
  end,
  wait = changed.wait,
  note = changed.note
from unnest(
  $1::uuid[], $2::integer[], $3::task_instance_state[], $4::integer[], $5::integer[], $6::bigint[],
  $7::uuid[], $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::text[],
  $14::integer[], $15::integer[], $16::text[], $17::text[], $18::float8[], $19::float8[],
  $20::integer[], $21::uuid[], $22::text[], $23::text[]
) as changed (
  id, map_index, state, try_number, tries_max, epoch, attempt_id, scheduled_at, queued_at,
  start_date, end_date, next_try_time, state_reason, losses_count, map_length, map_label,
  skip_decision_json, execution_deadline, waiting_since, reschedules_count, wait_id, wait, note
)
where task_instance.id = changed.id
