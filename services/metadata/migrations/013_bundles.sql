-- Which version of each bundle is in force, where several dag-processors fetch it.
-- Oldest code that may still run beside it: 0.1.0.

create table dag_bundle (
  bundle_name     text primary key,
  bundle_version  text not null,
  -- Grows with each claim: what is said by an earlier one no longer counts.
  sequence        bigint not null check (sequence > 0)
);
