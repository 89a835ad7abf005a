-- Task instances of a run, in the order they were made.
-- $1 run id (internal), $2 task_instance_state[] or null, $3 text[] task ids or null, $4 first map
-- index or null, $5 last map index or null, $6 whether only instances of mapped tasks count,
-- $7 position of the last one before the page or null, $8 rows.
-- Index: dag_run_pkey, task_instance_in_order, task_attempt_pkey.
select
  i.id, i.dag_run_id, r.dag_id, r.run_id, i.task_id, i.map_index, i.state, i.try_number,
  i.tries_max, i.epoch, i.attempt_id, i.scheduled_at, i.queued_at, i.start_date, i.end_date,
  i.next_try_time, a.worker_id, i.state_reason, i.losses_count, i.map_length, i.map_label,
  i.skip_decision_json, i.execution_deadline, i.waiting_since, i.reschedules_count, i.wait, i.note,
  i.position
from dag_run as r
join task_instance as i on i.dag_run_id = r.id
left join task_attempt as a on a.attempt_id = i.attempt_id
where r.id = $1::uuid
  and ($2::task_instance_state[] is null or i.state = any ($2::task_instance_state[]))
  and ($3::text[] is null or i.task_id = any ($3::text[]))
  and ($4::integer is null or i.map_index >= $4::integer)
  and ($5::integer is null or i.map_index <= $5::integer)
  and (not $6::boolean or i.map_index >= 0)
  and ($7::bigint is null or i.position > $7::bigint)
order by i.position
limit $8
