-- Deadlines by when they are due, latest first.
-- $1 DAG id or null, $2 run_id or null, $3 whether only missed ones count, $4 position of the last
-- one before the page or null, $5 rows. Index: deadline_missed, deadline_of_run, dag_run_pkey.
select
  d.dag_id, r.run_id, d.name, d.due_at, d.missed_at,
  d.due_at::text || '/' || d.id::text as position
from deadline as d
join dag_run as r on r.id = d.dag_run_id
where ($1::text is null or d.dag_id = $1::text)
  and ($2::text is null or r.run_id = $2::text)
  and (not $3::boolean or d.missed_at is not null)
  and (
    $4::text is null
    or (d.due_at, d.id) < (split_part($4, '/', 1)::timestamptz, split_part($4, '/', 2)::uuid)
  )
order by d.due_at desc, d.id desc
limit $5
