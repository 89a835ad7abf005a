-- One task instance.
-- $1 run id (internal), $2 task id, $3 map index. Index: dag_run_pkey,
-- task_instance_is_unique_in_run, task_attempt_pkey.
select
  i.id, i.dag_run_id, r.dag_id, r.run_id, i.task_id, i.map_index, i.state, i.try_number,
  i.tries_max, i.epoch, i.attempt_id, i.scheduled_at, i.queued_at, i.start_date, i.end_date,
  i.next_try_time, a.worker_id, i.state_reason, i.losses_count, i.map_length, i.map_label,
  i.skip_decision_json, i.execution_deadline, i.waiting_since, i.reschedules_count, i.wait, i.note
from dag_run as r
join task_instance as i on i.dag_run_id = r.id
left join task_attempt as a on a.attempt_id = i.attempt_id
where r.id = $1 and i.task_id = $2 and i.map_index = $3
