-- The watchers of an asset: of the DAGs that define one, the first that is not paused, or the first.
-- $1 asset name. Index: asset_watcher_pkey, dag_pkey, asset_event_by_actor.
select distinct on (w.watcher_name)
  w.watcher_name, w.dag_id, w.trigger, not dag.is_paused as is_watching,
  (
    select e."timestamp" from asset_event as e
    where e.asset_name = w.asset_name and e.actor = 'watcher:' || w.watcher_name and e.actor <> ''
    order by e."timestamp" desc
    limit 1
  ) as last_event_time
from asset_watcher as w
join dag on dag.dag_id = w.dag_id and dag.is_active
where w.asset_name = $1
order by w.watcher_name, dag.is_paused, w.dag_id
