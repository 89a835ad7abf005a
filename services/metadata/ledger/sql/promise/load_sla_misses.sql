-- Missed SLAs of the unfinished runs of partitions, or of one run.
-- $1 smallint[] partitions or null, $2 run id (internal) or null.
-- Index: dag_run_live, dag_run_pkey, sla_miss_of_run.
select s.task_instance_id, s.dag_run_id, s.dag_id, s.task_id, s.map_index, s.due_at, s.missed_at
from dag_run as r
join sla_miss as s on s.dag_run_id = r.id
where (r.partition = any ($1::smallint[]) and r.state in ('queued', 'running')) or r.id = $2::uuid
