-- Limit keys that are paused.
-- $1 text[] DAG ids, $2 text[] keys, $3 smallint[] partitions, $4 float8[] until when, in ms since
-- the epoch. Index: key_pause_pkey.
insert into key_pause (dag_id, key, partition, until)
select dag_id, key, partition, to_timestamp(until / 1000)
from unnest($1::text[], $2::text[], $3::smallint[], $4::float8[])
  as put (dag_id, key, partition, until)
on conflict (dag_id, key) do update set until = excluded.until
