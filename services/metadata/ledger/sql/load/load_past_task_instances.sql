-- The instances of some tasks in one run.
-- $1 run id (internal), $2 text[] task ids. Index: task_instance_is_unique_in_run, dag_run_pkey,
-- task_attempt_pkey.
select
  i.id, i.dag_run_id, r.dag_id, r.run_id, i.task_id, i.map_index, i.state, i.try_number,
  i.tries_max, i.epoch, i.attempt_id, i.scheduled_at, i.queued_at, i.start_date, i.end_date,
  i.next_try_time, a.worker_id, i.state_reason, i.losses_count, i.map_length, i.map_label,
  i.skip_decision_json, i.execution_deadline, i.waiting_since, i.reschedules_count, i.wait, i.note
from unnest($2::text[]) as asked (task_id)
join task_instance as i on i.dag_run_id = $1 and i.task_id = asked.task_id
join dag_run as r on r.id = i.dag_run_id
left join task_attempt as a on a.attempt_id = i.attempt_id
order by i.position
