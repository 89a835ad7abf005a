-- Connections with their sealed secrets.
-- $1 text[] conn ids. Index: connection_pkey.
select conn_id, conn_type, host, schema, login, port, password, extra
from connection where conn_id = any ($1::text[])
order by conn_id
