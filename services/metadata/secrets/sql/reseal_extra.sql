-- Replaces the sealed extra of a connection, unless somebody has replaced it meanwhile.
-- $1 conn id, $2 sealed before, $3 sealed now. Index: connection_pkey.
update connection set extra = $3 where conn_id = $1 and extra = $2
