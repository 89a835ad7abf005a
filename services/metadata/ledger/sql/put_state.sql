-- Keeps a state for a live attempt; no row means that it is not live. The lock makes an end of the
-- attempt wait, or be seen.
-- $1 attempt id, $2 asset name or null: then it is the task instance's, $3 key, $4 value.
-- Index: task_attempt_pkey, kept_state_pkey.
-- The state is compared as text, lest the planner walk through the index of all running attempts.
with live as (
  select attempt_id, task_instance_id
  from task_attempt where attempt_id = $1::uuid and state::text = 'running' for share
),
kept as (
  insert into kept_state (scope, owner, key, value)
  select
    case when $2::text is null then 'task_instance' else 'asset' end,
    coalesce($2, live.task_instance_id::text), $3, $4
  from live
  on conflict (scope, owner, key) do update set value = excluded.value, updated_at = now()
)
select attempt_id from live
