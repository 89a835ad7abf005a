-- Who did what, in the transaction that did it.
-- $1 text[] actors, $2 text[] actions, $3 text[] DAG ids, $4 text[] run_ids,
-- $5 text[] task ids, $6 text[] JSON details.
insert into audit_log (actor, action, dag_id, run_id, task_id, details_json)
select actor, action, dag_id, run_id, task_id, details_json
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
  as entry (actor, action, dag_id, run_id, task_id, details_json)
