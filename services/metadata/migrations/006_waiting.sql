-- Runs and task instances that know more: notes, partitions, backfills, waits, mapping.
-- All new columns of hot tables may be null and stand at the end: a row without them has the size
-- it had before.
-- Oldest code that may still run beside it: 0.1.0.

alter table dag_run
  add column note text,
  -- The part of the data the run is about.
  add column partition_key text,
  -- The backfill that made the run or took it over, and its place there.
  add column backfill_id uuid,
  add column backfill_ordinal integer,
  -- What made the run, when a backfill took it over since.
  add column original_run_type run_type,
  -- Of a callback: the run_id of the run it is about.
  add column callback_of_run_id text;
create index dag_run_of_backfill on dag_run (backfill_id, backfill_ordinal)
  where backfill_id is not null;
create index dag_run_of_callback on dag_run (dag_id, callback_of_run_id)
  where callback_of_run_id is not null;

alter table task_instance
  -- Elements returned, when somebody needs to know; −1 for what cannot be mapped over.
  add column map_length integer,
  add column map_label text,
  add column skip_decision_json text,
  add column execution_deadline timestamptz,
  add column waiting_since timestamptz,
  -- Null means 0.
  add column reschedules_count integer,
  -- A dagmesh.dag.v1.Wait as JSON; text, because jsonb refuses U+0000. Null while nothing is
  -- waited for, and then so is its id.
  add column wait_id uuid,
  add column wait text,
  add column note text;
-- Only what waits is in it, so the changes of all other instances stay heap-only.
create index task_instance_waiting on task_instance (wait_id) where wait_id is not null;

alter table dag_version
  -- Where the DAG's files are; empty means the DAG folder of each worker.
  add column bundle_name text not null default '',
  add column bundle_version text not null default '',
  -- Its next run begins when the last one has ended.
  add column is_continuous boolean not null default false;

alter table slot_pool
  -- Whether tasks that wait off any worker keep their slots.
  add column include_deferred boolean not null default false;

create or replace view slot_pool_balance as
  select p.name, e.slots, e.used, p.description, p.include_deferred
  from slot_pool p
  cross join lateral (
    select slots, used from slot_pool_entry where pool = p.name order by entry_no desc limit 1
  ) e;

-- Callbacks: each is a run of its own with one task.
create view callback as
  select r.id, r.dag_id, r.run_id, r.callback_of_run_id, r.state, r.queued_at, r.start_date,
    r.end_date, r.state_reason, r.conf_json
  from dag_run r
  where r.callback_of_run_id is not null;

-- Questions that wait for people. Index: task_instance_waiting.
create view human_input as
  select i.id as task_instance_id, r.id as dag_run_id, r.dag_id, r.run_id, i.task_id, i.map_index,
    i.try_number, i.wait_id, i.wait
  from task_instance i
  join dag_run r on r.id = i.dag_run_id
  where i.wait_id is not null and i.state = 'awaiting_input';
