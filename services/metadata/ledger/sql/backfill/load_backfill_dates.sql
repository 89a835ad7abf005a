-- The dates of a backfill, in their order.
-- $1 backfill id. Index: backfill_dag_run_pkey.
select
  d.ordinal, d.logical_date, d.data_interval_start, d.data_interval_end, d.run_after, d.action,
  d.run_id, d.partition_key
from backfill_dag_run as d
where d.backfill_id = $1
order by d.ordinal
