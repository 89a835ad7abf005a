-- Assets: what they are, who makes and awaits them, their updates, and the queue of updates that
-- await a DAG.
-- Oldest code that may still run beside it: 0.1.0.

create table asset (
  name        text primary key,
  uri         text not null,
  group_name  text not null default '',
  -- JSON object; empty means `{}`.
  extra       text not null default '',
  -- False when no DAG names it any more.
  is_active   boolean not null default true,
  created_at  timestamptz not null default now()
);
create index asset_by_uri on asset (uri);

create table asset_alias (
  name        text primary key,
  created_at  timestamptz not null default now()
);

-- Who names what. These four are derived from the current versions of active DAGs and written with
-- them.
create table dag_asset (
  dag_id      text not null,
  asset_name  text not null,
  asset_uri   text not null,
  primary key (dag_id, asset_name)
);
create index dag_asset_by_name on dag_asset (asset_name);
create index dag_asset_by_uri on dag_asset (asset_uri);

-- The assets and aliases in the condition of a DAG's schedule.
create table dag_asset_consumer (
  -- How the schedule names it.
  ref_kind  text not null check (ref_kind in ('name', 'uri', 'alias')),
  ref       text not null,
  dag_id    text not null,
  primary key (ref_kind, ref, dag_id)
);
create index dag_asset_consumer_of_dag on dag_asset_consumer (dag_id);

-- What tasks read (inlet) and make (outlet).
create table task_asset_port (
  dag_id     text not null,
  task_id    text not null,
  direction  text not null check (direction in ('inlet', 'outlet')),
  ref_kind   text not null check (ref_kind in ('name', 'uri', 'alias')),
  ref        text not null,
  primary key (dag_id, task_id, direction, ref_kind, ref)
);
create index task_asset_port_by_ref on task_asset_port (ref_kind, ref);

create table asset_event (
  id                uuid primary key,
  asset_name        text not null,
  asset_uri         text not null,
  extra             text not null,
  "timestamp"       timestamptz not null,
  -- The task instance that made it; empty (and −1) when it came from outside.
  source_dag_id     text not null,
  source_run_id     text not null,
  source_task_id    text not null,
  source_map_index  integer not null,
  partition_key     text not null,
  -- Who or what made it from outside.
  actor             text not null
);
create index asset_event_by_name on asset_event (asset_name, "timestamp", id);
create index asset_event_by_uri on asset_event (asset_uri, "timestamp", id);
create index asset_event_by_source on asset_event (source_dag_id, source_run_id)
  where source_dag_id <> '';

create table asset_event_alias (
  event_id  uuid not null,
  alias     text not null,
  primary key (event_id, alias)
);
create index asset_event_alias_by_alias on asset_event_alias (alias, event_id);

-- Updates that await a DAG: written with the event, deleted with the run that they start.
create table asset_delivery (
  dag_id     text not null,
  event_id   uuid not null,
  -- The consumer's partition.
  partition  smallint not null check (partition between 0 and 255),
  primary key (dag_id, event_id)
);
create index asset_delivery_by_partition on asset_delivery (partition, event_id);

-- The updates that started a run.
create table dag_run_asset_event (
  dag_run_id  uuid not null,
  event_id    uuid not null,
  primary key (dag_run_id, event_id)
);
create index dag_run_asset_event_by_event on dag_run_asset_event (event_id);
