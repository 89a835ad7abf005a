-- Ends a token for ever.
-- $1 digest. Index: api_token_pkey.
update api_token set revoked_at = now() where digest = $1 and revoked_at is null
