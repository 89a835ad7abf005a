-- Limit keys that are paused.
-- $1 smallint[] partitions. Index: key_pause_by_partition.
select dag_id, key, until
from key_pause
where partition = any ($1::smallint[]) and until > now()
