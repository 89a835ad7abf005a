-- XComs that attempts pushed with their success; they replace what the same attempt pushed under
-- the same key.
-- $1 uuid[] attempt ids, $2 text[] keys, $3 text[] values. Index: xcom_pkey.
insert into xcom (attempt_id, key, value)
select attempt_id, key,
value from unnest($1::uuid[], $2::text[], $3::text[]) as pushed (attempt_id, key, value)
on conflict (attempt_id, key) do update set value = excluded.value
