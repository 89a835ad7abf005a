-- Updates of assets, queued for the DAGs that are scheduled by their asset or by an alias they came
-- through: active, unpaused ones. Assets and aliases that are new are made. What people say was
-- updated is audited. Updates that are known already change nothing.
-- $1–$11 one array a column, times in ms since the epoch; $12 uuid[] event ids and $13 text[] the
-- aliases they came through; $14 the channel that names the consumers' partitions.
-- Index: asset_pkey, asset_by_uri, dag_asset_consumer_pkey, dag_pkey.
with reported as (
  select *
  from unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::text[],
    $8::text[], $9::integer[], $10::text[], $11::text[]
  ) as event (
    id, asset_name, asset_uri, extra, occurred_at, source_dag_id, source_run_id, source_task_id,
    source_map_index, partition_key, actor
  )
),
placed as (
  select
    reported.id, reported.extra, reported.occurred_at, reported.source_dag_id,
    reported.source_run_id, reported.source_task_id, reported.source_map_index,
    reported.partition_key, reported.actor, named.name is null and found.name is null as is_new,
    coalesce(nullif(reported.asset_name, ''), found.name, reported.asset_uri) as asset_name,
    coalesce(named.uri, nullif(reported.asset_uri, ''), reported.asset_name) as asset_uri
  from reported
  left join asset as named on named.name = reported.asset_name
  left join lateral (
    select name from asset
    where reported.asset_name = '' and uri = reported.asset_uri
    order by is_active desc, name
    limit 1
  ) as found on true
),
new_asset as (
  insert into asset (name, uri)
  select distinct on (asset_name) asset_name, asset_uri
  from placed where is_new
  order by asset_name
  on conflict do nothing
),
new_alias as (
  insert into asset_alias (name)
  select distinct alias from unnest($13::text[]) as through (alias) order by alias
  on conflict do nothing
),
stored as (
  insert into asset_event (
    id, asset_name, asset_uri, extra, "timestamp", source_dag_id, source_run_id, source_task_id,
    source_map_index, partition_key, actor
  )
  select
    id, asset_name, asset_uri, extra, to_timestamp(occurred_at / 1000), source_dag_id,
    source_run_id, source_task_id, source_map_index, partition_key, actor
  from placed
  on conflict do nothing
  returning id, asset_name, asset_uri, actor
),
audited as (
  insert into audit_log (actor, action, dag_id, run_id, task_id, details_json)
  select
    actor, 'create_asset_event', '', '', '',
    json_build_object('asset_name', asset_name, 'event_id', id)::text
  from stored
  where actor <> '' and not starts_with(actor, 'watcher:')
),
stored_alias as (
  insert into asset_event_alias (event_id, alias)
  select through.event_id, through.alias
  from unnest($12::uuid[], $13::text[]) as through (event_id, alias)
  join stored on stored.id = through.event_id
  on conflict do nothing
  returning event_id, alias
),
stood_for as (
  insert into asset_alias_asset (asset_name, alias)
  select distinct stored.asset_name, stored_alias.alias
  from stored_alias
  join stored on stored.id = stored_alias.event_id
  order by stored.asset_name, stored_alias.alias
  on conflict do nothing
),
awaited as (
  select id as event_id, 'name' as ref_kind, asset_name as ref from stored
  union all
  select id, 'uri', asset_uri from stored
  union all
  select event_id, 'alias', alias from stored_alias
),
delivered as (
  insert into asset_delivery (dag_id, event_id, partition)
  select dag.dag_id, awaited.event_id, dag.partition
  from awaited
  join dag_asset_consumer as consumer
    on consumer.ref_kind = awaited.ref_kind and consumer.ref = awaited.ref
  join dag on dag.dag_id = consumer.dag_id and dag.is_active and not dag.is_paused
  on conflict do nothing
  returning partition
)
select pg_notify($14, string_agg(distinct partition::text, ','))::text as called
from delivered
having count(*) > 0
