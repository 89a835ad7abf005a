-- One scheduler at a time moves partitions.
select pg_advisory_xact_lock(hashtext('dagmesh.share_partitions'))
