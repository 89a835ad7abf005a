-- Runs of callbacks, newest first.
-- $1 DAG id or null, $2 run_id they are about or null, $3 dag_run_state[] or null, $4 id of the
-- last one before the page or null, $5 rows. Index: dag_run_of_callback, dag_run_pkey.
select
  r.id, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, r.start_date, r.end_date, r.dag_version_id,
  r.clear_number, r.triggered_by, r.state_reason, r.conf_json, r.note, r.partition_key,
  r.backfill_id, r.backfill_ordinal, r.original_run_type, r.callback_of_run_id
from dag_run as r
where r.callback_of_run_id is not null
  and ($1::text is null or r.dag_id = $1::text)
  and ($2::text is null or r.callback_of_run_id = $2::text)
  and ($3::dag_run_state[] is null or r.state = any ($3::dag_run_state[]))
  and ($4::uuid is null or r.id < $4::uuid)
order by r.id desc
limit $5
