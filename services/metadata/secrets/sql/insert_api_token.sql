-- A new API token, and who made it for whom.
-- $1 digest, $2 user name, $3 role, $4 who makes it. Index: api_token_pkey.
with made as (
  insert into api_token (digest, user_name, role) values ($1, $2, $3) returning user_name, role
)
insert into audit_log (actor, action, dag_id, run_id, task_id, details_json)
select
  $4::text, 'create_api_token', '', '', '',
  json_build_object('user_name', made.user_name, 'role', made.role)::text
from made
