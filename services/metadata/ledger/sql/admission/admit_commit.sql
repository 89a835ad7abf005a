-- Records a commit when it is the writer's next one, and answers what its admission depends on: the
-- number of the last one before it, and the partitions that are not the writer's at the epoch it
-- names.
-- $1 scheduler id, $2 commit_seq, $3 smallint[] partitions, $4 bigint[] their epochs, as the writer
-- knows them.
-- Index: ledger_commit_pkey (backward, one entry), scheduler_partition_pkey.
with last as (
  select coalesce(max(commit_seq), 0) as commit_seq from ledger_commit where scheduler_id = $1
),
recorded as (
  insert into ledger_commit (scheduler_id, commit_seq)
  select $1, $2::bigint from last where last.commit_seq = $2::bigint - 1
)
select
  last.commit_seq as last_commit_seq,
  array(
    select fence.partition
    from unnest($3::smallint[], $4::bigint[]) as fence (partition, epoch)
    left join scheduler_partition as owned
      on owned.partition = fence.partition and owned.epoch = fence.epoch and owned.scheduler_id = $1
    where owned.partition is null
  ) as stale_partitions
from last
