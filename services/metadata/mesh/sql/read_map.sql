-- The whole map: schedulers that live or still own something, with what they own, and executors; by
-- the instant of their start, so that watchers see a stable order.
-- Index: none needed (256 rows, few instances).
select
  'scheduler' as kind, s.id, s.address,
  array_remove(array_agg(p.partition order by p.partition), null) as partitions,
  array_remove(array_agg(p.epoch order by p.partition), null) as epochs,
  s.started_at
from scheduler_session as s
left join scheduler_heartbeat as h on h.scheduler_id = s.id
left join scheduler_partition as p on p.scheduler_id = s.id
where h.expires_at > clock_timestamp() or p.partition is not null
group by s.id
union all
select 'executor', id, address, '{}', '{}', started_at from executor_instance
order by 1, started_at, 2
