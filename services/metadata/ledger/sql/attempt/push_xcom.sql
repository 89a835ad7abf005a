-- Stores XComs of a live attempt; no row means that it is not live. The lock makes an end of the
-- attempt wait, or be seen. Nothing is stored when the attempt would have too many.
-- $1 attempt id, $2 text[] keys, $3 text[] values, $4 XComs that one attempt has at most.
-- Index: task_attempt_pkey, xcom_pkey.
-- The state is compared as text, lest the planner walk through the index of all running attempts.
with live as (
  select attempt_id
  from task_attempt where attempt_id = $1::uuid and state::text = 'running' for share
),
judged as (
  select
    live.attempt_id,
    (
      select count(*) from xcom
      where xcom.attempt_id = live.attempt_id and xcom.key <> all ($2::text[])
    ) + cardinality($2::text[]) > $4::integer as is_full
  from live
),
stored as (
  insert into xcom (attempt_id, key, value)
  select judged.attempt_id, pushed.key, pushed.value
  from judged, unnest($2::text[], $3::text[]) as pushed (key, value)
  where not judged.is_full
  on conflict (attempt_id, key) do update set value = excluded.value
)
select attempt_id, is_full from judged
