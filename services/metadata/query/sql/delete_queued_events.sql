-- Forgets the updates of assets that await a DAG, records who did, and lets the DAG's owner know.
-- $1 DAG id, $2 asset name or null, $3 actor, $4 channel and $5 payload of the notice.
-- Index: asset_delivery_pkey, asset_event_pkey.
with deleted as (
  delete from asset_delivery as q
  using asset_event as e
  where q.dag_id = $1 and e.id = q.event_id
    and ($2::text is null or e.asset_name = $2::text)
  returning q.event_id
),
counted as (
  select count(*)::integer as deleted_count from deleted
),
audited as (
  insert into audit_log (actor, action, dag_id, run_id, task_id, details_json)
  select $3::text, 'delete_queued_events', $1, '', '',
    json_build_object('asset_name', coalesce($2::text, ''), 'deleted_count', deleted_count)::text
  from counted
  where deleted_count > 0
)
select
  deleted_count,
  case when deleted_count > 0 then pg_notify($4::text, $5::text)::text end as notified
from counted
