-- XComs of a run in the order of its task instances, then by key: of each instance's last attempt
-- and the waits before it in the same try, the latest value of each key.
-- $1 run id (internal), $2 task id or null, $3 map index or null, $4 key or null, $5 position of
-- the last one before the page or null, $6 rows.
-- Index: task_instance_is_unique_in_run, task_attempt_epoch_is_unique, xcom_pkey.
select distinct on (i.position, x.key)
  i.task_id, i.map_index, x.key, octet_length(x.value) as value_size,
  i.position::text || '/' || x.key as position
from task_instance as i
join task_attempt as a
  on a.task_instance_id = i.id
  and (a.attempt_id = i.attempt_id or (a.try_number = i.try_number and a.state = 'waiting'))
join xcom as x on x.attempt_id = a.attempt_id
where i.dag_run_id = $1::uuid
  and ($2::text is null or i.task_id = $2::text)
  and ($3::integer is null or i.map_index = $3::integer)
  and ($4::text is null or x.key = $4::text)
  and (
    $5::text is null
    or (i.position, x.key)
    > (split_part($5, '/', 1)::bigint, substr($5, strpos($5, '/') + 1))
  )
order by i.position, x.key, a.epoch desc
limit $6
