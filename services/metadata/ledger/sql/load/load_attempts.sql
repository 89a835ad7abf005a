-- The live attempts of the unfinished runs of partitions, or of one run.
-- $1 smallint[] partitions or null, $2 run id (internal) or null.
-- Index: task_attempt_one_runs_per_instance, task_instance_pkey, dag_run_pkey.
select
  a.attempt_id, a.task_instance_id, a.try_number, a.epoch, a.state, a.worker_id, a.executor_id,
  a.start_date, a.end_date, a.error_class, a.error_message, a.error_stack
from dag_run as r
join task_instance as i on i.dag_run_id = r.id
join task_attempt as a on a.task_instance_id = i.id and a.state = 'running'
where (r.partition = any ($1::smallint[]) and r.state in ('queued', 'running')) or r.id = $2::uuid
