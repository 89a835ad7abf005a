-- Task instances whose pool refused them: back to scheduled, with the tries and the attempt they
-- had before.
-- $1 uuid[] ids, $2 float8[] scheduled_at in ms since the epoch. Index: task_instance_pkey.
update task_instance set
  state = 'scheduled',
  scheduled_at = to_timestamp(held.scheduled_at / 1000),
  queued_at = null,
  next_try_time = null
from unnest($1::uuid[], $2::float8[]) as held (id, scheduled_at)
where task_instance.id = held.id
