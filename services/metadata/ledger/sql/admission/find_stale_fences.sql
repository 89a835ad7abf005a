-- The partitions that are not a scheduler's at the epoch it names.
-- $1 scheduler id, $2 smallint[] partitions, $3 bigint[] their epochs, as the scheduler knows them.
-- Index: scheduler_partition_pkey.
select fence.partition
from unnest($2::smallint[], $3::bigint[]) as fence (partition, epoch)
left join scheduler_partition as owned
  on owned.partition = fence.partition and owned.epoch = fence.epoch and owned.scheduler_id = $1
where owned.partition is null
