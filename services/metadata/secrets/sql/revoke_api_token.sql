-- Ends a token for ever, and says who did; one that has ended, or never was, changes nothing.
-- $1 digest, $2 who ends it. Index: api_token_pkey.
with ended as (
  update api_token set revoked_at = now()
  where digest = $1 and revoked_at is null
  returning user_name, role
)
insert into audit_log (actor, action, dag_id, run_id, task_id, details_json)
select
  $2::text, 'revoke_api_token', '', '', '',
  json_build_object('user_name', ended.user_name, 'role', ended.role)::text
from ended
