-- Runs, newest first.
-- $1 DAG id or null, $2 dag_run_state[] or null, $3 id of the last one before the page or null,
-- $4 rows.
-- Index: dag_run_newest_of_dag, or dag_run_pkey, or dag_run_failed.
select
  r.id, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, r.start_date, r.end_date, r.dag_version_id,
  r.clear_number, r.triggered_by, r.state_reason, r.conf_json
from dag_run as r
where ($1::text is null or r.dag_id = $1::text)
  and ($2::dag_run_state[] is null or r.state = any ($2::dag_run_state[]))
  and ($3::uuid is null or r.id < $3::uuid)
order by r.id desc
limit $4
