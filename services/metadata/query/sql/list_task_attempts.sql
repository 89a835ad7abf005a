-- Every attempt at a task instance, oldest first.
-- $1 task instance id. Index: task_attempt_epoch_is_unique.
select
  a.attempt_id, a.task_instance_id, a.try_number, a.epoch, a.state, a.worker_id, a.executor_id,
  a.start_date, a.end_date, a.error_class, a.error_message, a.error_stack
from task_attempt as a
where a.task_instance_id = $1
order by a.epoch
