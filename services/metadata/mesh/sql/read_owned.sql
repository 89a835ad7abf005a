-- What a scheduler owns.
-- $1 scheduler id. Index: none needed (256 rows).
select partition, epoch from scheduler_partition where scheduler_id = $1 order by partition
