-- The partitions in which asset events await consumers.
-- Index: asset_delivery_by_partition.
select distinct partition from asset_delivery order by partition
