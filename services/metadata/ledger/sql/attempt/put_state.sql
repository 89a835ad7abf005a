-- Keeps a state for a live attempt; no row means that it is not live. The lock makes an end of the
-- attempt wait, or be seen. Nothing is kept when its owner has too much already.
-- $1 attempt id, $2 asset name or null: then it is the task instance's, $3 key, $4 value, $5 states
-- that one owner keeps at most. Index: task_attempt_pkey, kept_state_pkey.
-- The state is compared as text, lest the planner walk through the index of all running attempts.
with live as (
  select
    attempt_id, case when $2::text is null then 'task_instance' else 'asset' end as scope,
    coalesce($2, task_instance_id::text) as owner
  from task_attempt where attempt_id = $1::uuid and state::text = 'running' for share
),
judged as (
  select
    live.attempt_id, live.scope, live.owner,
    (
      select count(*) from kept_state as kept
      where kept.scope = live.scope and kept.owner = live.owner and kept.key <> $3
    ) >= $5::integer as is_full
  from live
),
kept as (
  insert into kept_state (scope, owner, key, value)
  select scope, owner, $3, $4 from judged where not is_full
  on conflict (scope, owner, key) do update set value = excluded.value, updated_at = now()
)
select attempt_id, is_full from judged
