-- Connections by id; their secrets stay where they are.
-- $1 id of the last one before the page or null, $2 rows. Index: connection_pkey.
select conn_id, conn_type, host, schema, login, port, description
from connection
where $1::text is null or conn_id > $1::text
order by conn_id
limit $2
