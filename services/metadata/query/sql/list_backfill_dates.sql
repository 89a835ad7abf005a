-- Dates of a backfill in the order in which they are run, with the runs it made or took over.
-- $1 its id, $2 dag_run_state[] of those runs or null, $3 ordinal of the last one before the page
-- or null, $4 rows. Index: backfill_pkey, backfill_dag_run_pkey, dag_run_run_id_is_unique.
select
  d.ordinal, d.logical_date, d.data_interval_start, d.data_interval_end, d.run_after, d.action,
  d.run_id, d.partition_key, r.state as run_state, r.start_date, r.end_date
from backfill as b
join backfill_dag_run as d on d.backfill_id = b.id
left join dag_run as r on r.dag_id = b.dag_id and r.run_id = d.run_id and r.backfill_id = b.id
where b.id = $1::uuid
  and ($2::dag_run_state[] is null or r.state = any ($2::dag_run_state[]))
  and ($3::integer is null or d.ordinal > $3::integer)
order by d.ordinal
limit $4
