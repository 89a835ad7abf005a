-- Versions of a DAG, newest first.
-- $1 DAG id, $2 number of the last one before the page or null, $3 rows.
-- Index: dag_pkey, dag_version_number_is_unique.
select
  v.id as dag_version_id, v.version_number, v.created_at, v.dag_file, v.bundle_name,
  v.bundle_version, v.schedule, v.tasks_count, d.dag_version_id = v.id as is_current
from dag as d
join dag_version as v on v.dag_id = d.dag_id
where d.dag_id = $1
  and ($2::integer is null or v.version_number < $2::integer)
order by v.version_number desc
limit $3
