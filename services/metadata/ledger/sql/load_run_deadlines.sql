-- The deadlines of one run that are not missed yet, with its name.
-- $1 run id (internal). Index: deadline_of_run, dag_run_pkey.
select d.id, d.dag_run_id, d.dag_id, d.name, d.due_at, d.missed_at, r.run_id
from deadline as d
inner join dag_run as r on r.id = d.dag_run_id
where d.dag_run_id = $1 and d.missed_at is null
order by d.id
