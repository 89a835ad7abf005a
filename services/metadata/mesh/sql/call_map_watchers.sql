-- Tells every metadata service, once the transaction has committed, that the map has changed.
select pg_notify('dagmesh_map', '')
