-- Takes asset events from the queues of DAGs, and keeps which run they started.
-- $1 text[] DAG ids, $2 uuid[] event ids, $3 uuid[] run ids (internal), null when they are dropped.
-- Index: asset_delivery_pkey, dag_run_asset_event_pkey.
with taken as (
  select *
  from unnest($1::text[], $2::uuid[], $3::uuid[]) as delivery (dag_id, event_id, dag_run_id)
),
linked as (
  insert into dag_run_asset_event (dag_run_id, event_id)
  select dag_run_id, event_id from taken where dag_run_id is not null
  on conflict do nothing
)
delete from asset_delivery using taken
where asset_delivery.dag_id = taken.dag_id and asset_delivery.event_id = taken.event_id
