-- An executor's sign of life; those whose announcement ran out are forgotten. The map's watchers
-- are told when one came or went. Losing this commit costs nobody anything, so it does not wait for
-- the disk.
-- $1 executor id, $2 address, $3 ttl in ms. Index: executor_instance_pkey.
with known as (
  select id from executor_instance where id = $1
),
lost as (
  delete from executor_instance where expires_at < clock_timestamp() and id <> $1 returning id
),
beat as (
  insert into executor_instance (id, address, expires_at)
  values ($1, $2, clock_timestamp() + $3 * interval '1 ms')
  on conflict (id) do update set address = excluded.address, expires_at = excluded.expires_at
  returning set_config('synchronous_commit', 'off', true) as eased
)
select
  case
    when not exists (select from known) or exists (select from lost)
    then pg_notify('dagmesh_map', '')::text
  end as called
from beat
