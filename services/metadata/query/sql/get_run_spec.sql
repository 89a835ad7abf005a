-- The spec that a run follows.
-- $1 dag_version_id. Index: dag_version_pkey.
select spec from dag_version where id = $1
