-- Runs of a DAG by run_id, or by logical date when that is null.
-- $1 DAG id, $2 run_id or null, $3 float8[] logical dates in ms since the epoch.
-- Index: dag_run_run_id_is_unique, dag_run_logical_date_is_unique.
select
  r.id, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, r.start_date, r.end_date, r.dag_version_id,
  r.clear_number, r.triggered_by, r.state_reason, r.conf_json, r.note, r.partition_key,
  r.backfill_id, r.backfill_ordinal, r.original_run_type, r.callback_of_run_id
from dag_run as r
where r.dag_id = $1
  and case
    when $2::text is not null then r.run_id = $2
    else r.logical_date in (select to_timestamp(asked / 1000) from unnest($3::float8[]) as asked)
  end
order by r.logical_date, r.run_id
