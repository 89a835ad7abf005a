-- One DAG as it is now.
-- $1 DAG id. Index: dag_pkey, dag_version_pkey, dag_schedule_pkey.
select
  d.dag_id, v.description, v.schedule, d.is_paused, d.is_active, d.dag_file, v.version_number,
  s.next_run_after, v.tags, v.owner, v.tasks_count
from dag as d
join dag_version as v on v.id = d.dag_version_id
left join dag_schedule as s on s.dag_id = d.dag_id
where d.dag_id = $1
