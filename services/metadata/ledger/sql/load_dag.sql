-- One DAG with where its schedule stands.
-- $1 DAG id. Index: dag_pkey, dag_schedule_pkey.
select d.dag_id, d.dag_version_id, d.is_paused, d.is_active, s.next_run_after, s.next_logical_date,
  s.next_interval_start, s.next_interval_end, s.last_interval_end
from dag as d
left join dag_schedule as s on s.dag_id = d.dag_id
where d.dag_id = $1
