-- The watchers of assets that a DAG declares.
-- $1 DAG id, $2 text[] assets, $3 text[] names, $4 smallint[] partitions of the assets, $5 text[]
-- triggers, serialized, in hex.
insert into asset_watcher (dag_id, asset_name, watcher_name, partition, trigger)
select $1, asset_name, watcher_name, partition, decode(trigger, 'hex')
from unnest($2::text[], $3::text[], $4::smallint[], $5::text[])
  as watcher (asset_name, watcher_name, partition, trigger)
