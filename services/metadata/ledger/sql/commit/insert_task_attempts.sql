-- New attempts. Fails when an instance would have two that run.
-- One array a column, times in ms since the epoch. Index: the unique ones of task_attempt.
insert into task_attempt (
  attempt_id, task_instance_id, try_number, epoch, state, worker_id, executor_id, start_date,
  end_date, error_class, error_message, error_stack
)
select
  attempt_id, task_instance_id, try_number, epoch, state, worker_id, executor_id,
  to_timestamp(start_date / 1000), to_timestamp(end_date / 1000), error_class, error_message,
  error_stack
from unnest(
  $1::uuid[], $2::uuid[], $3::integer[], $4::bigint[], $5::task_attempt_state[], $6::text[],
  $7::text[], $8::float8[], $9::float8[], $10::text[], $11::text[], $12::text[]
) as new_attempt (
  attempt_id, task_instance_id, try_number, epoch, state, worker_id, executor_id, start_date,
  end_date, error_class, error_message, error_stack
)
