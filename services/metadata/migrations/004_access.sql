-- Who may come in, and who did what.
-- Oldest code that may still run beside it: 0.1.0.

create table api_token (
  -- SHA-256 of the token: 256 random bits need no salt and no stretching.
  digest      bytea primary key,
  user_name   text not null,
  role        text not null check (role in ('admin', 'op', 'user', 'viewer')),
  created_at  timestamptz not null default now(),
  -- Null means it never expires.
  expires_at  timestamptz,
  revoked_at  timestamptz
);

create table audit_log (
  id            bigint generated always as identity primary key,
  occurred_at   timestamptz not null default now(),
  actor         text not null,
  action        text not null,
  dag_id        text not null,
  run_id        text not null,
  task_id       text not null,
  -- JSON object, without secrets.
  details_json  text not null
);
create index audit_log_of_dag on audit_log (dag_id, id);
