-- The live attempts of one run.
-- $1 run id (internal). Index: task_instance_is_unique_in_run, task_attempt_one_runs_per_instance.
select
  a.attempt_id, a.task_instance_id, a.try_number, a.epoch, a.state, a.worker_id, a.executor_id,
  a.start_date, a.end_date, a.error_class, a.error_message, a.error_stack
from task_instance as i
join task_attempt as a on a.task_instance_id = i.id and a.state = 'running'
where i.dag_run_id = $1
