-- One attempt.
-- $1 attempt id. Index: task_attempt_pkey.
select
  a.attempt_id, a.task_instance_id, a.try_number, a.epoch, a.state, a.worker_id, a.executor_id,
  a.start_date, a.end_date, a.error_class, a.error_message, a.error_stack
from task_attempt as a
where a.attempt_id = $1
