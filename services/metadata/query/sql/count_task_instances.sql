-- How many task instances of a run are in each state.
-- $1 run id (internal). Index: task_instance_is_unique_in_run.
select state,
count(*)::integer as instances_count from task_instance where dag_run_id = $1 group by state
