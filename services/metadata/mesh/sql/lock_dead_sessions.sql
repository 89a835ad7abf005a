-- Locks the sessions of silent schedulers, so that none of them can commit any more. One that is
-- committing right now is left for the next renewal: a live scheduler must not lose its own lease
-- by waiting for a dead one.
-- Index: none needed (few sessions).
select s.id
from scheduler_session as s
left join scheduler_heartbeat as h on h.scheduler_id = s.id
where h.expires_at is null or h.expires_at < clock_timestamp()
order by s.id
for update of s skip locked
