-- Backfills, newest first, with the states of their runs.
-- $1 id or null, $2 DAG id or null, $3 backfill_state[] or null, $4 id of the last one before the
-- page or null, $5 rows. Index: backfill_pkey, backfill_of_dag, backfill_dag_run_pkey, dag_run_run_id_is_unique.
select
  b.id, b.dag_id, b.from_date, b.to_date, b.conf_json, b.reprocess_behavior, b.active_runs_max,
  b.is_reverse, b.task_ids, b.task_ids_include_upstream, b.stops_on_failure,
  b.run_on_latest_version, b.state, b.created_by, b.created_at, b.completed_at,
  p.dates_count, p.unneeded_count, p.queued_count, p.running_count, p.success_count,
  p.failed_count, p.mean_ms
from backfill as b
cross join lateral (
  select
    count(*)::integer as dates_count,
    (count(*) filter (where d.action not in ('create', 'reprocess')))::integer as unneeded_count,
    (count(*) filter (where r.state = 'queued'))::integer as queued_count,
    (count(*) filter (where r.state = 'running'))::integer as running_count,
    (count(*) filter (where r.state = 'success'))::integer as success_count,
    (count(*) filter (where r.state = 'failed'))::integer as failed_count,
    avg(extract(epoch from r.end_date - r.start_date) * 1000)::float8 as mean_ms
  from backfill_dag_run as d
  -- A run that is still to be processed again is not the backfill's own yet.
  left join dag_run as r on r.dag_id = b.dag_id and r.run_id = d.run_id and r.backfill_id = b.id
    and d.action in ('create', 'reprocess')
  where d.backfill_id = b.id
) as p
where ($1::uuid is null or b.id = $1::uuid)
  and ($2::text is null or b.dag_id = $2::text)
  and ($3::backfill_state[] is null or b.state = any ($3::backfill_state[]))
  and ($4::uuid is null or b.id < $4::uuid)
order by b.id desc
limit $5
