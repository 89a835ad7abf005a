-- What keeps tables that only grow cheap to read: indexes for pages of promises and of answers, and
-- which assets each alias stood for, which is no longer counted from all events.
-- Oldest code that may still run beside it: 0.1.0.

create index deadline_by_due on deadline (due_at, id);
create index deadline_of_dag on deadline (dag_id, due_at, id);
drop index deadline_missed;

-- A run may have 100,000 task instances, which are listed page by page in the order they were made.
create index task_instance_in_order on task_instance (dag_run_id, position);

create index sla_miss_by_time on sla_miss (missed_at, task_instance_id);

-- Answers of people are few among the entries, and their list is read as often as that of questions.
create index audit_log_of_answers on audit_log (id) where action = 'respond_human_input';

-- What has begun lately in runs that are over, for the rates of limit keys.
create index dag_run_ended on dag_run (dag_id, end_date) where end_date is not null;

create index dag_run_callbacks on dag_run (id) where callback_of_run_id is not null;

-- The assets that were updated through an alias.
create table asset_alias_asset (
  asset_name  text not null,
  alias       text not null,
  primary key (asset_name, alias)
);
insert into asset_alias_asset (asset_name, alias)
  select distinct e.asset_name, through.alias
  from asset_event_alias as through
  join asset_event as e on e.id = through.event_id;

-- Dates belong to a backfill.
alter table backfill_dag_run
  add constraint backfill_dag_run_has_a_backfill foreign key (backfill_id) references backfill (id);
