-- New runs. Answers the ids of those made; one whose run_id or logical date is taken is not.
-- One array a column, times in ms since the epoch; a column that no row fills may be empty.
-- Index: the unique ones of dag_run.
insert into dag_run (
  id, dag_id, partition, run_id, run_type, state, logical_date, data_interval_start,
  data_interval_end, run_after, queued_at, start_date, end_date, dag_version_id, clear_number,
  triggered_by, state_reason, conf_json, note, partition_key, backfill_id, backfill_ordinal,
  original_run_type, callback_of_run_id
)
select
  id, dag_id, partition, run_id, run_type, state, to_timestamp(logical_date / 1000),
  to_timestamp(data_interval_start / 1000), to_timestamp(data_interval_end / 1000),
  to_timestamp(run_after / 1000), to_timestamp(queued_at / 1000), to_timestamp(start_date / 1000),
  to_timestamp(end_date / 1000), dag_version_id, clear_number, triggered_by, state_reason,
  conf_json, note, partition_key, backfill_id, backfill_ordinal, original_run_type,
  callback_of_run_id
from unnest(
  $1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::run_type[], $6::dag_run_state[],
  $7::float8[], $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[],
  $13::float8[], $14::bigint[], $15::integer[], $16::text[], $17::text[], $18::text[],
  $19::text[], $20::text[], $21::uuid[], $22::integer[], $23::run_type[], $24::text[]
) as new_run (
  id, dag_id, partition, run_id, run_type, state, logical_date, data_interval_start,
  data_interval_end, run_after, queued_at, start_date, end_date, dag_version_id, clear_number,
  triggered_by, state_reason, conf_json, note, partition_key, backfill_id, backfill_ordinal,
  original_run_type, callback_of_run_id
)
on conflict do nothing
returning id
