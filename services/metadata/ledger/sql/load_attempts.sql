-- The live attempts of runs that are not finished.
-- $1 smallint[] partitions. Index: task_attempt_one_runs_per_instance, task_instance_pkey,
-- dag_run_pkey.
select
  a.attempt_id, a.task_instance_id, a.try_number, a.epoch, a.state, a.worker_id, a.executor_id,
  a.start_date, a.end_date, a.error_class, a.error_message, a.error_stack
from task_attempt as a
join task_instance as i on i.id = a.task_instance_id
join dag_run as r on r.id = i.dag_run_id
where a.state = 'running'
  and r.partition = any ($1::smallint[])
  and r.state in ('queued', 'running')
