-- One variable, sealed if it is secret.
-- $1 key. Index: variable_pkey.
select value, secret_value from variable where key = $1
