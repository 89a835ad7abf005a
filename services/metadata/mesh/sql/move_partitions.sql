-- Gives partitions to a scheduler, or to nobody. Each change of owner raises the epoch: writes that
-- name the old one are refused.
-- $1 smallint[] partitions, $2 scheduler id or null. Index: scheduler_partition_pkey.
update scheduler_partition set scheduler_id = $2,
epoch = epoch + 1 where partition = any ($1::smallint[])
