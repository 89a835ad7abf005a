-- Runs, newest first.
-- $1 DAG id or null, $2 dag_run_state[] or null, $3 run_type[] or null, $4 whether runs of
-- callbacks count, $5 backfill id or null, $6 text their run_id contains or null, $7 partition key or null;
-- instants in ms since the epoch or null, inclusive: $8 and $9 logical date, $10 and $11 run_after,
-- $12 and $13 start date; $14 id of the last one before the page or null, $15 rows.
-- Index: dag_run_newest_of_dag, dag_run_pkey, dag_run_failed, dag_run_of_backfill,
-- dag_run_logical_date_is_unique.
select
  r.id, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, r.start_date, r.end_date, r.dag_version_id,
  r.clear_number, r.triggered_by, r.state_reason, r.conf_json, r.note, r.partition_key,
  r.backfill_id, r.backfill_ordinal, r.original_run_type, r.callback_of_run_id
from dag_run as r
where ($1::text is null or r.dag_id = $1::text)
  and ($2::dag_run_state[] is null or r.state = any ($2::dag_run_state[]))
  and ($3::run_type[] is null or r.run_type = any ($3::run_type[]))
  and ($4::boolean or r.run_type <> 'callback')
  and ($5::uuid is null or r.backfill_id = $5::uuid)
  and ($6::text is null or strpos(r.run_id, $6::text) > 0)
  and ($7::text is null or r.partition_key = $7::text)
  and ($8::float8 is null or r.logical_date >= to_timestamp($8::float8 / 1000))
  and ($9::float8 is null or r.logical_date <= to_timestamp($9::float8 / 1000))
  and ($10::float8 is null or r.run_after >= to_timestamp($10::float8 / 1000))
  and ($11::float8 is null or r.run_after <= to_timestamp($11::float8 / 1000))
  and ($12::float8 is null or r.start_date >= to_timestamp($12::float8 / 1000))
  and ($13::float8 is null or r.start_date <= to_timestamp($13::float8 / 1000))
  and ($14::uuid is null or r.id < $14::uuid)
order by r.id desc
limit $15
