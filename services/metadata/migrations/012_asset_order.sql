-- The order in which updates of assets were committed, for those who wait for the next one: that of
-- their times is another, since what is decided first may be committed last.
-- Places in it are snapshots: what a snapshot does not show came after it, whatever its time says.
-- All new columns may be null: what was stored before is followed by time.
-- Oldest code that may still run beside it: 0.1.0.

-- Without a default at first, so that no row is written again.
alter table asset_event add column transaction_id xid8;
alter table asset_event alter column transaction_id set default pg_current_xact_id();
-- Empty at first: what was stored before is not in it, so that it is made in one look through.
create index asset_event_by_transaction on asset_event (asset_name, transaction_id)
  where transaction_id is not null;

-- What was committed when the wait began; null while nothing is waited for.
alter table task_instance add column waiting_from pg_snapshot;

-- What was committed when the watcher was defined.
alter table asset_watcher add column defined_at pg_snapshot;
alter table asset_watcher alter column defined_at set default pg_current_snapshot();

-- Up to where watchers that wait for updates of other assets have seen these.
create table asset_watcher_cursor (
  asset_name    text not null,
  watcher_name  text not null,
  seen          pg_snapshot not null,
  primary key (asset_name, watcher_name)
);
