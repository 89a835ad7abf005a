-- Runs of a DAG by the date they are about, which for runs without one is when they may run.
-- $1 DAG id, $2 first and $3 last logical date, in ms since the epoch (null: any), $4
-- dag_run_state[] (null: any), $5 whether the latest come first, $6 rows, $7 whether only runs with
-- a logical date count, $8 whether callbacks count, $9 text[] of partition keys (null: any).
-- Index: dag_run_logical_date_is_unique, dag_run_newest_of_dag, dag_run_of_partition.
select
  r.id, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, r.start_date, r.end_date, r.dag_version_id,
  r.clear_number, r.triggered_by, r.state_reason, r.conf_json, r.note, r.partition_key,
  r.backfill_id, r.backfill_ordinal, r.original_run_type, r.callback_of_run_id
from dag_run as r
where r.dag_id = $1
  and ($2::float8 is null or r.logical_date >= to_timestamp($2 / 1000))
  and ($3::float8 is null or r.logical_date <= to_timestamp($3 / 1000))
  and ($4::dag_run_state[] is null or r.state = any ($4))
  and (not $7::boolean or r.logical_date is not null)
  and ($8::boolean or r.run_type <> 'callback')
  and ($9::text[] is null or r.partition_key = any ($9))
order by
  case when $5::boolean then coalesce(r.logical_date, r.run_after) end desc nulls last,
  case when $5::boolean then r.run_after end desc nulls last,
  case when $5::boolean then r.id end desc,
  coalesce(r.logical_date, r.run_after),
  r.run_after,
  r.id
limit $6
