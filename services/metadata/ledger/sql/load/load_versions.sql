-- Versions that are current, or that a live run uses.
-- $1 smallint[] partitions. Index: dag_by_partition, dag_run_live, dag_version_pkey.
select v.id as dag_version_id, v.dag_id, v.version_number, v.spec, v.dag_file,
  v.bundle_name, v.bundle_version
from dag_version as v
where v.id in (
  select dag_version_id from dag where partition = any ($1::smallint[])
  union
  select dag_version_id from dag_run
  where partition = any ($1::smallint[]) and state in ('queued', 'running')
)
order by v.id
