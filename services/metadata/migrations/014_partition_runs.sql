-- A backfill of partitions asks for the runs of its keys, one key at a time: those of a DAG may be
-- many. Runs without a key are not in the index.
-- Oldest code that may still run beside it: 0.1.0.

create index dag_run_of_partition on dag_run (dag_id, partition_key)
  where partition_key is not null;
