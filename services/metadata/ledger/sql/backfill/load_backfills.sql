-- Backfills that are not over, without their dates.
-- $1 smallint[] partitions. Index: backfill_live.
select
  b.id, b.dag_id, b.from_date, b.to_date, b.conf_json, b.reprocess_behavior, b.active_runs_max,
  b.is_reverse, b.task_ids, b.task_ids_include_upstream, b.stops_on_failure,
  b.run_on_latest_version, b.state, b.created_by, b.created_at, b.completed_at
from backfill as b
where b.partition = any ($1::smallint[]) and b.state in ('running', 'paused')
order by b.id
