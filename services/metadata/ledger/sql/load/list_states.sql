-- The states of some tasks' instances in some runs.
-- $1 uuid[] run ids (internal), $2 text[] task ids: one of each makes a pair, $3 rows.
-- Index: task_instance_is_unique_in_run, dag_run_pkey.
select
  i.id, i.dag_run_id, r.dag_id, r.run_id, i.task_id, i.map_index, i.state, i.try_number,
  i.tries_max, i.epoch, i.attempt_id, i.state_reason, i.map_label
from unnest($1::uuid[], $2::text[]) as asked (dag_run_id, task_id)
join dag_run as r on r.id = asked.dag_run_id
join task_instance as i on i.dag_run_id = asked.dag_run_id and i.task_id = asked.task_id
order by i.dag_run_id, i.position
limit $3
