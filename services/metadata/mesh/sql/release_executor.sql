-- Forgets an executor that stops, and tells the map's watchers.
-- $1 executor id. Index: executor_instance_pkey.
with released as (
  delete from executor_instance where id = $1 returning id
)
select pg_notify('dagmesh_map', '')::text as called from released
