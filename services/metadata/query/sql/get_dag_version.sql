-- One version of a DAG with its spec.
-- $1 DAG id, $2 version number. Index: dag_pkey, dag_version_number_is_unique.
select
  v.id as dag_version_id, v.version_number, v.created_at, v.dag_file, v.bundle_name,
  v.bundle_version, v.schedule, v.tasks_count, d.dag_version_id = v.id as is_current,
  v.spec
from dag as d
join dag_version as v on v.dag_id = d.dag_id
where d.dag_id = $1 and v.version_number = $2
