-- Missed SLAs of one run.
-- $1 run id (internal). Index: sla_miss_of_run.
select s.task_instance_id, s.dag_run_id, s.dag_id, s.task_id, s.map_index, s.due_at, s.missed_at
from sla_miss as s
where s.dag_run_id = $1
