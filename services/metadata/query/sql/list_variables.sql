-- Variables by key; the value of a secret one is null.
-- $1 key of the last one before the page or null, $2 rows. Index: variable_pkey.
select key, value, description, is_secret
from variable
where $1::text is null or key > $1::text
order by key
limit $2
