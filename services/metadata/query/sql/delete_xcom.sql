-- Deletes an XCom of a task instance that has finished, from its last attempt and the waits before
-- it in the same try, and records who did; no row: it has not finished, or never ran. The lock makes
-- a clear of the instance wait, or be seen.
-- $1 run id (internal), $2 task id, $3 map index, $4 key, $5 actor.
-- Index: task_instance_is_unique_in_run, task_attempt_epoch_is_unique, xcom_pkey, dag_run_pkey.
with finished as (
  select id, attempt_id, try_number, task_id, map_index
  from task_instance
  where dag_run_id = $1 and task_id = $2 and map_index = $3
    and state in ('success', 'failed', 'skipped', 'upstream_failed', 'removed')
    and attempt_id is not null
  for share
),
deleted as (
  delete from xcom as x
  using finished as f, task_attempt as a
  where a.task_instance_id = f.id
    and (a.attempt_id = f.attempt_id or (a.try_number = f.try_number and a.state = 'waiting'))
    and x.attempt_id = a.attempt_id and x.key = $4::text
  returning f.task_id, f.map_index
),
audited as (
  insert into audit_log (actor, action, dag_id, run_id, task_id, details_json)
  select $5::text, 'delete_xcom', r.dag_id, r.run_id, f.task_id,
    json_build_object('map_index', f.map_index, 'key', $4::text)::text
  from (select distinct task_id, map_index from deleted) as f
  join dag_run as r on r.id = $1
)
select (select count(*) from deleted)::integer as deleted_count from finished
