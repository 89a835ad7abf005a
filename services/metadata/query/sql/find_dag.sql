-- Whether there is such a DAG.
-- $1 DAG id. Index: dag_pkey.
select dag_id from dag where dag_id = $1
