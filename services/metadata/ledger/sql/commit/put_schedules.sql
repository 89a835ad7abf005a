-- Schedules that moved on.
-- One array a column, times in ms since the epoch. Index: dag_schedule_pkey.
insert into dag_schedule (
  dag_id, next_run_after, next_logical_date, next_interval_start, next_interval_end,
  last_interval_end
)
select
  dag_id, to_timestamp(next_run_after / 1000), to_timestamp(next_logical_date / 1000),
  to_timestamp(next_interval_start / 1000), to_timestamp(next_interval_end / 1000),
  to_timestamp(last_interval_end / 1000)
from unnest(
  $1::text[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[]
) as moved (
  dag_id, next_run_after, next_logical_date, next_interval_start, next_interval_end,
  last_interval_end
)
on conflict (dag_id) do update set
  next_run_after = excluded.next_run_after,
  next_logical_date = excluded.next_logical_date,
  next_interval_start = excluded.next_interval_start,
  next_interval_end = excluded.next_interval_end,
  last_interval_end = excluded.last_interval_end
