-- Backfills: runs of a DAG for a range of dates.
-- Oldest code that may still run beside it: 0.1.0.

create type backfill_state as enum ('running', 'paused', 'completed', 'cancelled');
create type backfill_action as enum ('create', 'reprocess', 'already_exists', 'in_flight');
create type reprocess_behavior as enum ('none', 'failed', 'completed');

create table backfill (
  id                         uuid primary key,
  dag_id                     text not null,
  partition                  smallint not null check (partition between 0 and 255),
  from_date                  timestamptz,
  to_date                    timestamptz,
  conf_json                  text not null,
  reprocess_behavior         reprocess_behavior not null,
  active_runs_max            integer not null,
  is_reverse                 boolean not null,
  -- Empty means all tasks.
  task_ids                   text[] not null,
  task_ids_include_upstream  boolean not null,
  stops_on_failure           boolean not null,
  run_on_latest_version      boolean not null,
  state                      backfill_state not null,
  created_by                 text not null,
  created_at                 timestamptz not null,
  completed_at               timestamptz
);
create index backfill_live on backfill (partition) where state in ('running', 'paused');
create index backfill_of_dag on backfill (dag_id, id);

-- The dates of a backfill, in the order in which they are run.
create table backfill_dag_run (
  backfill_id          uuid not null,
  ordinal              integer not null,
  logical_date         timestamptz,
  data_interval_start  timestamptz,
  data_interval_end    timestamptz,
  run_after            timestamptz,
  action               backfill_action not null,
  -- Null while the run is not made yet.
  run_id               text,
  partition_key        text not null default '',
  primary key (backfill_id, ordinal)
);
