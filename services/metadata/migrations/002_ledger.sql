-- The ledger: runs, task instances, attempts, XComs, pools, and the commits that wrote them.
-- Hot tables have no foreign keys: their one writer is fenced by its partition epochs, and a key
-- lock per row would cost more than the row. No index mentions a task instance's state, so that its
-- changes of state stay heap-only (HOT).
-- Oldest code that may still run beside it: 0.1.0.

create type dag_run_state as enum ('queued', 'running', 'success', 'failed');
create type run_type as enum ('scheduled', 'manual');
create type task_instance_state as enum (
  'none', 'scheduled', 'queued', 'running', 'restarting', 'success', 'failed', 'skipped',
  'upstream_failed', 'removed', 'up_for_retry', 'up_for_reschedule', 'deferred', 'awaiting_input'
);
create type task_attempt_state as enum (
  'running', 'success', 'failed', 'skipped', 'lost', 'cancelled', 'rejected'
);

create table dag_run (
  id                   uuid primary key,
  dag_id               text not null,
  partition            smallint not null check (partition between 0 and 255),
  run_id               text not null,
  run_type             run_type not null,
  state                dag_run_state not null,
  logical_date         timestamptz,
  data_interval_start  timestamptz,
  data_interval_end    timestamptz,
  run_after            timestamptz,
  queued_at            timestamptz,
  start_date           timestamptz,
  end_date             timestamptz,
  dag_version_id       bigint not null,
  clear_number         integer not null,
  triggered_by         text not null,
  state_reason         text not null,
  conf_json            text not null,
  constraint dag_run_run_id_is_unique unique (dag_id, run_id)
) with (fillfactor = 70);
create unique index dag_run_logical_date_is_unique on dag_run (dag_id, logical_date)
  where logical_date is not null;
create index dag_run_newest_of_dag on dag_run (dag_id, id);
create index dag_run_live on dag_run (partition) where state in ('queued', 'running');
create index dag_run_failed on dag_run (id) where state = 'failed';

create table task_instance (
  id              uuid primary key,
  dag_run_id      uuid not null,
  task_id         text not null,
  map_index       integer not null,
  -- The order in which instances of a run were made.
  position        bigint generated always as identity,
  state           task_instance_state not null,
  try_number      integer not null,
  tries_max       integer not null,
  epoch           bigint not null,
  attempt_id      uuid,
  scheduled_at    timestamptz,
  queued_at       timestamptz,
  start_date      timestamptz,
  end_date        timestamptz,
  next_try_time   timestamptz,
  state_reason    text not null,
  -- Attempts in a row whose worker was lost: enough of them mean that the task kills its workers.
  losses_count    integer not null default 0,
  constraint task_instance_is_unique_in_run unique (dag_run_id, task_id, map_index)
  -- Half a page stays free, so that all instances of a page may change in one commit without
  -- leaving it: with 70 the log of a task grows by 15 %.
) with (fillfactor = 50);

create table task_attempt (
  attempt_id        uuid primary key,
  task_instance_id  uuid not null,
  try_number        integer not null,
  epoch             bigint not null,
  state             task_attempt_state not null,
  worker_id         text not null,
  executor_id       text not null,
  start_date        timestamptz,
  end_date          timestamptz,
  error_class       text not null default '',
  error_message     text not null default '',
  error_stack       text not null default '',
  constraint task_attempt_epoch_is_unique unique (task_instance_id, epoch)
) with (fillfactor = 70);
create unique index task_attempt_one_runs_per_instance on task_attempt (task_instance_id)
  where state = 'running';

create view task_fail as
  select a.attempt_id, r.dag_id, r.run_id, i.task_id, i.map_index, a.try_number, a.state,
  a.start_date, a.end_date, 
         a.error_class, a.error_message
  from task_attempt a
  join task_instance i on i.id = a.task_instance_id
  join dag_run r on r.id = i.dag_run_id
  where a.state in ('failed', 'lost', 'cancelled');

-- Keyed by attempt: readers see those of an instance's succeeded attempt, so a new try hides what
-- the last one pushed.
create table xcom (
  attempt_id  uuid not null,
  key         text not null,
  -- JSON as it came; text, because nothing here reads inside and jsonb refuses U+0000.
  value       text not null,
  primary key (attempt_id, key)
);

create table dag_schedule (
  dag_id               text primary key,
  next_run_after       timestamptz,
  next_logical_date    timestamptz,
  next_interval_start  timestamptz,
  next_interval_end    timestamptz,
  last_interval_end    timestamptz
) with (fillfactor = 70);

-- Pools. What is counted often is written as new rows, never as updates of one: while somebody
-- holds a transaction open, every old version of a row stays in the way of the next update, but old
-- entries are never looked at.
create table slot_pool (
  name         text primary key,
  description  text not null
);

-- The newest entry of a pool is its balance. Writers hold the pool's slot_pool row locked.
create table slot_pool_entry (
  pool      text not null,
  entry_no  bigint not null,
  -- In all; −1 means infinite.
  slots     integer not null check (slots >= -1),
  used      integer not null,
  -- Slots still taken beyond a limit that was lowered while they were in use.
  overhang  integer not null default 0 check (overhang >= 0),
  primary key (pool, entry_no),
  constraint slot_pool_is_never_overdrawn
    check (used >= 0 and (slots < 0 or used <= slots + overhang))
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create view slot_pool_balance as
  select p.name, e.slots, e.used, p.description
  from slot_pool p
  cross join lateral (
    select slots, used from slot_pool_entry where pool = p.name order by entry_no desc limit 1
  ) e;

insert into slot_pool (name, description) values ('default_pool', 'Tasks that name no pool.');
insert into slot_pool_entry (pool, entry_no, slots, used) values ('default_pool', 1, 128, 0);

-- One row per commit of a scheduler, pruned but for the newest: it makes a repeated commit answer
-- as before.
create table ledger_commit (
  scheduler_id  text not null,
  commit_seq    bigint not null,
  committed_at  timestamptz not null default now(),
  -- A serialized CommitResponse with what was refused; null when nothing was.
  refusals      bytea,
  primary key (scheduler_id, commit_seq)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Answers of commands, so that a repeated request gets the same one.
create table command_receipt (
  dag_id       text not null,
  request_id   text not null,
  partition    smallint not null,
  dag_run_id   uuid,
  run_id       text not null,
  received_at  timestamptz not null default now(),
  primary key (dag_id, request_id)
);
create index command_receipt_by_age on command_receipt (received_at);
