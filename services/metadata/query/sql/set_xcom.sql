-- Adds or replaces an XCom of a task instance that has finished, and records who did; no row: it
-- has not finished, or never ran. The lock makes a clear of the instance wait, or be seen.
-- $1 run id (internal), $2 task id, $3 map index, $4 key, $5 JSON, $6 actor.
-- Index: task_instance_is_unique_in_run, xcom_pkey, dag_run_pkey.
with finished as (
  select id, attempt_id, try_number, task_id, map_index
  from task_instance
  where dag_run_id = $1 and task_id = $2 and map_index = $3
    and state in ('success', 'failed', 'skipped', 'upstream_failed', 'removed')
    and attempt_id is not null
  for share
),
stored as (
  insert into xcom (attempt_id, key, value)
  select attempt_id, $4::text, $5::text from finished
  on conflict (attempt_id, key) do update set value = excluded.value
),
audited as (
  insert into audit_log (actor, action, dag_id, run_id, task_id, details_json)
  select $6::text, 'set_xcom', r.dag_id, r.run_id, f.task_id,
    json_build_object('map_index', f.map_index, 'key', $4::text)::text
  from finished as f
  join dag_run as r on r.id = $1
)
select id from finished
