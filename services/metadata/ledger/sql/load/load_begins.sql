-- When attempts of some tasks of a DAG began, newest first. Callbacks, and attempts that no worker
-- took after all, do not count.
-- $1 DAG id, $2 its partition, $3 text[] task ids, $4 only those later than this, in ms since the
-- epoch, $5 how many at most, $6 the attempt before the first; null means from the newest on.
-- A run that ended before $4 has no attempt that began after it. Instants are read to the
-- millisecond, cut off: half of one is added, so that they are the nearest.
-- `offset 0` has each run's instances and their attempts looked up: left to itself the planner may
-- read all that ever were.
-- Index: dag_run_live, dag_run_ended, task_instance_is_unique_in_run, task_attempt_epoch_is_unique,
-- task_attempt_pkey.
with late as (
  select r.id
  from dag_run as r
  where r.partition = $2 and r.state in ('queued', 'running')
    and r.dag_id = $1 and r.run_type <> 'callback'
  union all
  select r.id
  from dag_run as r
  where r.dag_id = $1 and r.end_date > to_timestamp($4::float8 / 1000)
    and r.state not in ('queued', 'running') and r.run_type <> 'callback'
)
select a.attempt_id, a.start_date + interval '500 microseconds' as start_date
from late
cross join lateral (
  select one.id
  from task_instance as one
  where one.dag_run_id = late.id and one.task_id = any ($3::text[])
  offset 0
) as i
cross join lateral (
  select one.attempt_id, one.start_date
  from task_attempt as one
  where one.task_instance_id = i.id
    and one.start_date > to_timestamp($4::float8 / 1000)
    and one.state <> 'rejected'
  offset 0
) as a
where $6::uuid is null
  or (a.start_date, a.attempt_id)
    < (select last.start_date, last.attempt_id from task_attempt as last where attempt_id = $6)
order by a.start_date desc, a.attempt_id desc
limit $5
