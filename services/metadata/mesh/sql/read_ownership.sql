-- Who owns each partition, as one scheduler sees it. A silent owner's are nobody's once its session
-- is locked.
-- $1 scheduler id, $2 text[] locked sessions. Index: none needed (256 rows).
select
  p.partition,
  case
    when p.scheduler_id = $1 then 'self'
    when h.expires_at > clock_timestamp() then 'other'
    when s.id is null or s.id = any ($2::text[]) then 'nobody'
    else 'other'
  end as owner,
  (
    select count(*)::integer + 1 from scheduler_heartbeat
    where expires_at > clock_timestamp() and scheduler_id <> $1
  ) as live_count
from scheduler_partition as p
left join scheduler_session as s on s.id = p.scheduler_id
left join scheduler_heartbeat as h on h.scheduler_id = p.scheduler_id
order by p.partition
