-- Dates of backfills: new ones whole; of known ones the action and the run are taken over.
-- One array a column, times in ms since the epoch. Index: backfill_dag_run_pkey.
insert into backfill_dag_run (
  backfill_id, ordinal, logical_date, data_interval_start, data_interval_end, run_after, action,
  run_id, partition_key
)
select
  backfill_id, ordinal, to_timestamp(logical_date / 1000),
  to_timestamp(data_interval_start / 1000), to_timestamp(data_interval_end / 1000),
  to_timestamp(run_after / 1000), action, run_id, partition_key
from unnest(
  $1::uuid[], $2::integer[], $3::float8[], $4::float8[], $5::float8[], $6::float8[],
  $7::backfill_action[], $8::text[], $9::text[]
) as put (
  backfill_id, ordinal, logical_date, data_interval_start, data_interval_end, run_after, action,
  run_id, partition_key
)
on conflict (backfill_id, ordinal) do update set
  action = excluded.action,
  run_id = excluded.run_id
