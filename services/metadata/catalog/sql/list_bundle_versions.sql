-- The versions of bundles that active DAGs and unfinished runs use. Index: dag_run_live, dag_version_pkey.
with used as (
  select dag_version_id from dag where is_active
  union
  select dag_version_id from dag_run where state in ('queued', 'running')
)
select distinct v.bundle_name as "bundleName", v.bundle_version as "bundleVersion"
from used join dag_version v on v.id = used.dag_version_id
where v.bundle_name <> ''
