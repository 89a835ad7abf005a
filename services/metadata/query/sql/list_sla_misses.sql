-- Missed SLAs, latest first.
-- $1 DAG id or null, $2 run_id or null, $3 task id or null, $4 position of the last one before the
-- page or null, $5 rows. Index: sla_miss_of_dag, sla_miss_of_run, dag_run_pkey.
select
  m.dag_id, r.run_id, m.task_id, m.map_index, m.due_at, m.missed_at,
  m.missed_at::text || '/' || m.task_instance_id::text as position
from sla_miss as m
join dag_run as r on r.id = m.dag_run_id
where ($1::text is null or m.dag_id = $1::text)
  and ($2::text is null or r.run_id = $2::text)
  and ($3::text is null or m.task_id = $3::text)
  and (
    $4::text is null
    or (m.missed_at, m.task_instance_id)
    < (split_part($4, '/', 1)::timestamptz, split_part($4, '/', 2)::uuid)
  )
order by m.missed_at desc, m.task_instance_id desc
limit $5
