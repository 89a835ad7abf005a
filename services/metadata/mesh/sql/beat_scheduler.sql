-- A scheduler's sign of life, and all it takes to see that nothing else is to be done: what it
-- owns, how many schedulers live, whether partitions lack a live owner, whether announcements ran
-- out. Losing this commit costs nobody anything, so it does not wait for the disk.
-- $1 scheduler id, $2 address, $3 ttl in ms. Index: the primary keys; scheduler_partition is read
-- whole (256 rows).
with session as (
  insert into scheduler_session (id, address) values ($1, $2)
  on conflict (id) do nothing
  returning id
),
beat as (
  insert into scheduler_heartbeat (scheduler_id, expires_at)
  values ($1, clock_timestamp() + $3 * interval '1 ms')
  on conflict (scheduler_id) do update set expires_at = excluded.expires_at
  returning set_config('synchronous_commit', 'off', true) as eased
),
others as (
  select scheduler_id from scheduler_heartbeat
  where expires_at > clock_timestamp() and scheduler_id <> $1
),
owned as (
  select coalesce(array_agg(partition order by partition), '{}') as partitions,
         coalesce(array_agg(epoch order by partition), '{}') as epochs
  from scheduler_partition where scheduler_id = $1
)
select
  owned.partitions,
  owned.epochs,
  exists (select from session) as is_new,
  (select count(*)::integer + 1 from others) as live_count,
  exists (
    select from scheduler_partition
    where scheduler_id is null
      or (scheduler_id <> $1 and scheduler_id not in (select scheduler_id from others))
  ) as has_ownerless,
  exists (select from executor_instance where expires_at < clock_timestamp()) as has_lost_executors,
  (select coalesce(max(commit_seq), 0) from ledger_commit where scheduler_id = $1) as commit_seq
from owned, beat
