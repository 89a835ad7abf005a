-- Of some tasks those that have an instance in any run before a logical date. Callbacks never
-- count.
-- $1 DAG id, $2 logical date in ms since the epoch, $3 text[] task ids.
-- Index: dag_run_logical_date_is_unique (backward), task_instance_is_unique_in_run.
select asked.task_id
from unnest($3::text[]) as asked (task_id)
where exists (
  select
  from dag_run as r
  join task_instance as i on i.dag_run_id = r.id and i.task_id = asked.task_id
  where r.dag_id = $1
    and r.logical_date < to_timestamp($2::float8 / 1000)
    and r.run_type <> 'callback'
)
