-- What was promised and missed, limit keys that are paused, and what tasks keep over their tries.
-- Oldest code that may still run beside it: 0.1.0.

-- By when a run is to have succeeded; deleted once it has.
create table deadline (
  id          uuid primary key,
  dag_run_id  uuid not null,
  dag_id      text not null,
  partition   smallint not null check (partition between 0 and 255),
  name        text not null,
  due_at      timestamptz not null,
  -- Null while it is not missed.
  missed_at   timestamptz
);
create index deadline_pending on deadline (partition) where missed_at is null;
create index deadline_of_run on deadline (dag_run_id);
create index deadline_missed on deadline (dag_id, missed_at) where missed_at is not null;

-- Task instances that did not succeed within their SLA.
create table sla_miss (
  task_instance_id  uuid primary key,
  dag_run_id        uuid not null,
  dag_id            text not null,
  task_id           text not null,
  map_index         integer not null,
  due_at            timestamptz not null,
  missed_at         timestamptz not null
);
create index sla_miss_of_run on sla_miss (dag_run_id);
create index sla_miss_of_dag on sla_miss (dag_id, missed_at);

-- Limit keys under which nothing may begin.
create table key_pause (
  dag_id      text not null,
  key         text not null,
  partition   smallint not null check (partition between 0 and 255),
  until       timestamptz not null,
  primary key (dag_id, key)
);
create index key_pause_by_partition on key_pause (partition);

-- What a task instance keeps over its tries, and what an asset keeps.
create table kept_state (
  scope       text not null check (scope in ('task_instance', 'asset')),
  -- TaskInstance.id, or the asset's name.
  owner       text not null,
  key         text not null,
  -- JSON as it came.
  value       text not null,
  updated_at  timestamptz not null default now(),
  primary key (scope, owner, key)
);
