-- Deletes an XCom of a live attempt; no row means that it is not live.
-- $1 attempt id, $2 key. Index: task_attempt_pkey, xcom_pkey.
-- The state is compared as text, lest the planner walk through the index of all running attempts.
with live as (
  select attempt_id
  from task_attempt where attempt_id = $1::uuid and state::text = 'running' for share
),
deleted as (
  delete from xcom using live where xcom.attempt_id = live.attempt_id and xcom.key = $2
)
select attempt_id from live
