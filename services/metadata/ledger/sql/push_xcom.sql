-- Stores XComs of a live attempt; no row means that it is not live. The lock makes an end of the
-- attempt wait, or be seen.
-- $1 attempt id, $2 text[] keys, $3 text[] values. Index: task_attempt_pkey, xcom_pkey.
-- The state is compared as text, lest the planner walk through the index of all running attempts.
with live as (
  select attempt_id
  from task_attempt where attempt_id = $1::uuid and state::text = 'running' for share
),
stored as (
  insert into xcom (attempt_id, key, value)
  select live.attempt_id, pushed.key, pushed.value
  from live, unnest($2::text[], $3::text[]) as pushed (key, value)
  on conflict (attempt_id, key) do update set value = excluded.value
)
select attempt_id from live
