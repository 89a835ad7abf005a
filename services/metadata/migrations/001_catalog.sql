-- What people and the dag-processor write: DAG files, DAGs and their versions, connections,
-- variables.
-- Oldest code that may still run beside it: 0.1.0.

create table dag_file (
  path       text primary key,
  digest     text not null,
  -- Why the last parse failed; empty when it did not. The last good versions of the file's DAGs
  -- stay in force.
  error      text not null default '',
  parsed_at  timestamptz not null
);

create view import_error as
  select path as dag_file, error as message,
  parsed_at as occurred_at from dag_file where error <> '';

-- Versions never change once written: what a run began with is what it ends with.
create table dag_version (
  id              bigint generated always as identity primary key,
  dag_id          text not null,
  version_number  integer not null,
  -- A serialized dagmesh.dag.v1.DagSpec.
  spec            bytea not null,
  -- SHA-256 over the file's path and the spec: equal digests are the same version.
  digest          bytea not null,
  dag_file        text not null,
  -- Facts of the spec that lists show, so that a list decodes no spec.
  description     text not null,
  schedule        text not null,
  owner           text not null,
  tags            text[] not null,
  tasks_count     integer not null,
  created_at      timestamptz not null default now(),
  constraint dag_version_number_is_unique unique (dag_id, version_number)
);

create table dag (
  dag_id          text primary key,
  -- partitionOf(dag_id): who may decide about its runs.
  partition       smallint not null check (partition between 0 and 255),
  dag_version_id  bigint not null references dag_version (id),
  dag_file        text not null,
  is_paused       boolean not null,
  is_active       boolean not null
);
create index dag_by_partition on dag (partition);
create index dag_by_file on dag (dag_file);

create table connection (
  conn_id      text primary key,
  conn_type    text not null,
  host         text not null,
  schema       text not null,
  login        text not null,
  port         integer not null check (port between 0 and 65535),
  description  text not null,
  -- Encrypted; null when empty.
  password     bytea,
  extra        bytea,
  updated_at   timestamptz not null default now()
);

create table variable (
  key           text primary key,
  description   text not null,
  is_secret     boolean not null,
  -- In the clear when not secret, encrypted when secret.
  value         text,
  secret_value  bytea,
  updated_at    timestamptz not null default now(),
  constraint variable_secret_is_never_clear
    check (is_secret = (secret_value is not null) and is_secret = (value is null))
);
