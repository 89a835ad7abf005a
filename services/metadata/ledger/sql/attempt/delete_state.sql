-- Forgets a state for a live attempt; no row means that it is not live.
-- $1 attempt id, $2 asset name or null: then it is the task instance's, $3 key.
-- Index: task_attempt_pkey, kept_state_pkey.
-- The state is compared as text, lest the planner walk through the index of all running attempts.
with live as (
  select attempt_id, task_instance_id
  from task_attempt where attempt_id = $1::uuid and state::text = 'running' for share
),
deleted as (
  delete from kept_state using live
  where scope = case when $2::text is null then 'task_instance' else 'asset' end
    and owner = coalesce($2, live.task_instance_id::text)
    and key = $3
)
select attempt_id from live
