-- Deadlines that are not missed yet.
-- $1 smallint[] partitions. Index: deadline_pending.
select id, dag_run_id, dag_id, name, due_at, missed_at
from deadline
where partition = any ($1::smallint[]) and missed_at is null
order by id
