-- Deadlines that are not missed yet, of partitions or of one run, with the names of their runs.
-- $1 smallint[] partitions or null, $2 run id (internal) or null.
-- Index: deadline_pending, deadline_of_run, dag_run_pkey.
select d.id, d.dag_run_id, d.dag_id, d.name, d.due_at, d.missed_at, r.run_id
from deadline as d
join dag_run as r on r.id = d.dag_run_id
where (d.partition = any ($1::smallint[]) or d.dag_run_id = $2::uuid) and d.missed_at is null
order by d.id
