-- Replaces a sealed variable, unless somebody has replaced it meanwhile.
-- $1 key, $2 sealed before, $3 sealed now. Index: variable_pkey.
update variable set secret_value = $3 where key = $1 and secret_value = $2
