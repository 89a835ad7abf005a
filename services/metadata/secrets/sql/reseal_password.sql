-- Replaces a sealed password, unless somebody has replaced it meanwhile.
-- $1 conn id, $2 sealed before, $3 sealed now. Index: connection_pkey.
update connection set password = $3 where conn_id = $1 and password = $2
