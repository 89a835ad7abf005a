-- The task instance of an attempt, with the version its run uses.
-- $1 attempt id. Index: task_attempt_pkey, task_instance_pkey, dag_run_pkey.
select
  i.id, i.dag_run_id, r.dag_id, r.run_id, i.task_id, i.map_index, i.state, i.try_number,
  i.tries_max, i.epoch, i.attempt_id, i.scheduled_at, i.queued_at, i.start_date, i.end_date,
  i.next_try_time, a.worker_id, i.state_reason, i.losses_count, i.map_length, i.map_label, i.skip_decision_json,
  i.execution_deadline, i.waiting_since, i.reschedules_count, i.wait, i.note,
  r.dag_version_id
from task_attempt as own
join task_instance as i on i.id = own.task_instance_id
join dag_run as r on r.id = i.dag_run_id
left join task_attempt as a on a.attempt_id = i.attempt_id
where own.attempt_id = $1
