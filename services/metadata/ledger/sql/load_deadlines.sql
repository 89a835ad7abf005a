-- Deadlines that are not missed yet, with the names of their runs.
-- $1 smallint[] partitions. Index: deadline_pending, dag_run_pkey.
select d.id, d.dag_run_id, d.dag_id, d.name, d.due_at, d.missed_at, r.run_id
from deadline as d
inner join dag_run as r on r.id = d.dag_run_id
where d.partition = any ($1::smallint[]) and d.missed_at is null
order by d.id
