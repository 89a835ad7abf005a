-- Every sealed value with its place.
-- Index: none needed (few rows, once at start).
select 'connection' as "table", conn_id as "row", 'password' as field, password as sealed
from connection where password is not null
union all
select 'connection', conn_id, 'extra', extra from connection where extra is not null
union all
select 'variable', key, 'value', secret_value from variable where secret_value is not null
