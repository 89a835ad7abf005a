-- One version of a DAG.
-- $1 version id. Index: dag_version_pkey.
select v.id as dag_version_id, v.dag_id, v.version_number, v.spec, v.dag_file,
  v.bundle_name, v.bundle_version
from dag_version as v
where v.id = $1
