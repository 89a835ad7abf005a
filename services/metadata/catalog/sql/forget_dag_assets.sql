-- Forgets what DAGs say about assets, and answers the assets they declared.
-- $1 text[] DAG ids. Index: dag_asset_pkey, dag_asset_consumer_of_dag, task_asset_port_pkey,
-- asset_watcher_of_dag.
with consumers as (
  delete from dag_asset_consumer where dag_id = any ($1::text[])
),
ports as (
  delete from task_asset_port where dag_id = any ($1::text[])
),
watchers as (
  delete from asset_watcher where dag_id = any ($1::text[])
)
delete from dag_asset where dag_id = any ($1::text[]) returning asset_name
