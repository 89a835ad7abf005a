-- What a task instance or an asset keeps.
-- $1 attempt id of the task instance, $2 asset name or null: then it is the task instance's, $3 key.
-- Index: task_attempt_pkey, kept_state_pkey.
select kept.value
from task_attempt as asking
join kept_state as kept
  on kept.scope = case when $2::text is null then 'task_instance' else 'asset' end
  and kept.owner = coalesce($2, asking.task_instance_id::text)
  and kept.key = $3
where asking.attempt_id = $1::uuid
