-- The deadlines of one run that are not missed yet.
-- $1 run id (internal). Index: deadline_of_run.
select id, dag_run_id, dag_id, name, due_at, missed_at
from deadline
where dag_run_id = $1 and missed_at is null
order by id
