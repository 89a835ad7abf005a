-- Task instances whose pool refused them: back to scheduled, with the tries and the attempt they
-- had before; what they are to be resumed with is kept.
-- One array a column, times in ms since the epoch; a column that no row fills may be empty.
-- Index: task_instance_pkey.
update task_instance set
  state = 'scheduled',
  scheduled_at = to_timestamp(held.scheduled_at / 1000),
  queued_at = null,
  next_try_time = null,
  map_length = held.map_length,
  map_label = held.map_label,
  skip_decision_json = held.skip_decision_json,
  execution_deadline = to_timestamp(held.execution_deadline / 1000),
  waiting_since = to_timestamp(held.waiting_since / 1000),
  reschedules_count = held.reschedules_count,
  wait_id = held.wait_id,
  wait = held.wait,
  note = held.note
from unnest(
  $1::uuid[], $2::float8[], $3::integer[], $4::text[], $5::text[], $6::float8[], $7::float8[],
  $8::integer[], $9::uuid[], $10::text[], $11::text[]
) as held (
  id, scheduled_at, map_length, map_label, skip_decision_json, execution_deadline, waiting_since,
  reschedules_count, wait_id, wait, note
)
where task_instance.id = held.id
