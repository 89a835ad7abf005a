-- The latest value of a key, of a task instance's last attempt and the waits before it in the same
-- try.
-- $1 run id (internal), $2 task id, $3 map index, $4 key. Index: task_instance_is_unique_in_run,
-- task_attempt_epoch_is_unique, xcom_pkey.
select i.task_id, i.map_index, x.key, octet_length(x.value) as value_size, x.value
from task_instance as i
join task_attempt as a
  on a.task_instance_id = i.id
  and (a.attempt_id = i.attempt_id or (a.try_number = i.try_number and a.state = 'waiting'))
join xcom as x on x.attempt_id = a.attempt_id
where i.dag_run_id = $1 and i.task_id = $2 and i.map_index = $3 and x.key = $4
order by a.epoch desc
limit 1
