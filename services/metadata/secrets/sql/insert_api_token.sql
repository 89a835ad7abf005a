-- A new API token.
-- $1 digest, $2 user name, $3 role. Index: api_token_pkey.
insert into api_token (digest, user_name, role) values ($1, $2, $3)
