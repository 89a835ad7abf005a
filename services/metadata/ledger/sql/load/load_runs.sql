-- Runs that are not finished.
-- $1 smallint[] partitions. Index: dag_run_live.
select
  r.id, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, r.start_date, r.end_date, r.dag_version_id,
  r.clear_number, r.triggered_by, r.state_reason, r.conf_json, r.note, r.partition_key,
  r.backfill_id, r.backfill_ordinal, r.original_run_type, r.callback_of_run_id
from dag_run as r
where r.partition = any ($1::smallint[]) and r.state in ('queued', 'running')
order by r.id
