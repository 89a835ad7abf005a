-- Task instances of a run, in the order they were made.
-- $1 run id (internal), $2 task_instance_state[] or null, $3 position of the last one before the
-- page or null, $4 rows.
-- Index: dag_run_pkey, task_instance_is_unique_in_run, task_attempt_pkey.
select
  i.id, i.dag_run_id, r.dag_id, r.run_id, i.task_id, i.map_index, i.state, i.try_number,
  i.tries_max, i.epoch, i.attempt_id, i.scheduled_at, i.queued_at, i.start_date, i.end_date,
  i.next_try_time, a.worker_id, i.state_reason, i.position
from dag_run as r
join task_instance as i on i.dag_run_id = r.id
left join task_attempt as a on a.attempt_id = i.attempt_id
where r.id = $1::uuid
  and ($2::task_instance_state[] is null or i.state = any ($2::task_instance_state[]))
  and ($3::bigint is null or i.position > $3::bigint)
order by i.position
limit $4
