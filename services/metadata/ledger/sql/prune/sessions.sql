-- Forgets schedulers that have been silent for an hour and own nothing any more.
-- Index: none needed (few sessions).
with silent as (
  delete from scheduler_heartbeat as h
  where h.expires_at < now() - interval '1 hour'
    and not exists (select from scheduler_partition as p where p.scheduler_id = h.scheduler_id)
  returning h.scheduler_id
)
delete from scheduler_session where id in (select scheduler_id from silent)
