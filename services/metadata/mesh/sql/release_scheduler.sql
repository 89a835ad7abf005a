-- Ends a session whose row is locked, so that no commit of it can follow.
-- $1 scheduler id. Index: the primary keys.
with released as (
  update scheduler_partition set scheduler_id = null, epoch = epoch + 1 where scheduler_id = $1
),
silenced as (
  delete from scheduler_heartbeat where scheduler_id = $1
)
delete from scheduler_session where id = $1
