-- Import errors by file.
-- $1 path of the last one before the page or null, $2 rows. Index: dag_file_pkey.
select dag_file, message, occurred_at
from import_error
where $1::text is null or dag_file > $1::text
order by dag_file
limit $2
