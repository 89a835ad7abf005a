-- Deadlines that are new, changed or missed.
-- One array a column, times in ms since the epoch. Index: deadline_pkey.
insert into deadline (id, dag_run_id, dag_id, partition, name, due_at, missed_at)
select
  id, dag_run_id, dag_id, partition, name, to_timestamp(due_at / 1000),
  to_timestamp(missed_at / 1000)
from unnest(
  $1::uuid[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::float8[], $7::float8[]
) as put (id, dag_run_id, dag_id, partition, name, due_at, missed_at)
on conflict (id) do update set due_at = excluded.due_at, missed_at = excluded.missed_at
