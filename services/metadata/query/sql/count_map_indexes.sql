-- How many mapped instances a task has in a run.
-- $1 run id (internal), $2 task id. Index: task_instance_is_unique_in_run.
select count(*)::int as count
from task_instance
where dag_run_id = $1 and task_id = $2 and map_index >= 0
