-- Answers that people gave, latest first, as the audit log has them: the task goes on and forgets.
-- $1 DAG id or null, $2 run_id or null, $3 user who answered or null, $4 how their details begin,
-- which is with the task instance, or null, $5 id of the last one before the page or null, $6 rows.
-- Index: audit_log_of_answers, audit_log_of_dag.
select id, dag_id, run_id, task_id, actor, occurred_at, details_json
from audit_log
where action = 'respond_human_input'
  and ($1::text is null or dag_id = $1::text)
  and ($2::text is null or run_id = $2::text)
  and ($3::text is null or actor = $3::text)
  and ($4::text is null or starts_with(details_json, $4::text))
  and ($5::bigint is null or id < $5::bigint)
order by id desc
limit $6
