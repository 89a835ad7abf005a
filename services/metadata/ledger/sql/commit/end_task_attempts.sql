-- Attempts that ended. One that ended before keeps its first outcome.
-- One array a column, times in ms since the epoch. Index: task_attempt_pkey.
-- The state is compared as text, lest the planner walk through the index of all running attempts
-- for each one that ended.
update task_attempt set
  state = ended.state,
  end_date = to_timestamp(ended.end_date / 1000),
  error_class = ended.error_class,
  error_message = ended.error_message,
  error_stack = ended.error_stack
from unnest(
  $1::uuid[], $2::task_attempt_state[], $3::float8[], $4::text[], $5::text[], $6::text[]
) as ended (attempt_id, state, end_date, error_class, error_message, error_stack)
where task_attempt.attempt_id = ended.attempt_id and task_attempt.state::text = 'running'
