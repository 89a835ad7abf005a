-- Who is alive and who owns what.
-- Oldest code that may still run beside it: 0.1.0.

-- A scheduler's row is locked by each of its commits and by whoever takes its partitions away; it
-- is never updated.
create table scheduler_session (
  id          text primary key,
  address     text not null,
  started_at  timestamptz not null default now()
);

create table scheduler_heartbeat (
  scheduler_id  text primary key,
  expires_at    timestamptz not null
) with (fillfactor = 50);

create table scheduler_partition (
  partition     smallint primary key check (partition between 0 and 255),
  -- Null while nobody owns it.
  scheduler_id  text,
  -- Rises with each change of owner; writes name it.
  epoch         bigint not null
);
insert into scheduler_partition (partition, epoch) select n, 0 from generate_series(0, 255) n;

create table executor_instance (
  id          text primary key,
  address     text not null,
  started_at  timestamptz not null default now(),
  expires_at  timestamptz not null
) with (fillfactor = 50);
