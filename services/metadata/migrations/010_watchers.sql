-- Triggers that watch for updates of assets.
-- Oldest code that may still run beside it: 0.1.0.

-- Derived from the current versions of active DAGs and written with them, like dag_asset.
create table asset_watcher (
  asset_name    text not null,
  watcher_name  text not null,
  dag_id        text not null,
  -- The asset's, by its name: its owner watches.
  partition     smallint not null check (partition between 0 and 255),
  -- TriggerSpec, serialized: equal ones have equal bytes.
  trigger       bytea not null,
  primary key (asset_name, watcher_name, dag_id)
);
create index asset_watcher_by_partition on asset_watcher (partition, asset_name, watcher_name);
create index asset_watcher_of_dag on asset_watcher (dag_id);

-- The last update by somebody outside: a watcher goes on from there.
create index asset_event_by_actor on asset_event (asset_name, actor, "timestamp") where actor <> '';
