-- The question of one task instance.
-- $1 run id (internal), $2 task id, $3 map index. Index: dag_run_pkey,
-- task_instance_is_unique_in_run.
select
  r.dag_id, r.run_id, i.task_id, i.map_index, i.state, i.wait_id, i.wait
from task_instance as i
join dag_run as r on r.id = i.dag_run_id
where r.id = $1 and i.task_id = $2 and i.map_index = $3
