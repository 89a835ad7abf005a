-- Task instances that moved on: everything but the key is taken over.
-- One array a column, times in ms since the epoch. Index: task_instance_pkey.
update task_instance set
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
  losses_count = changed.losses_count
from unnest(
  $1::uuid[], $2::task_instance_state[], $3::integer[], $4::integer[], $5::bigint[], $6::uuid[],
  $7::float8[], $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::text[],
  $13::integer[]
) as changed (
  id, state, try_number, tries_max, epoch, attempt_id, scheduled_at, queued_at, start_date,
  end_date, next_try_time, state_reason, losses_count
)
where task_instance.id = changed.id
