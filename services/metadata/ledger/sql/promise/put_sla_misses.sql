-- SLAs that were missed; a task instance has one at a time.
-- One array a column, times in ms since the epoch. Index: sla_miss_pkey.
insert into sla_miss (task_instance_id, dag_run_id, dag_id, task_id, map_index, due_at, missed_at)
select
  task_instance_id, dag_run_id, dag_id, task_id, map_index, to_timestamp(due_at / 1000),
  to_timestamp(missed_at / 1000)
from unnest(
  $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::integer[], $6::float8[], $7::float8[]
) as put (task_instance_id, dag_run_id, dag_id, task_id, map_index, due_at, missed_at)
on conflict (task_instance_id) do update set
  due_at = excluded.due_at,
  missed_at = excluded.missed_at
