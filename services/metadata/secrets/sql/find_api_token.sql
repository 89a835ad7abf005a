-- Whose token it is; no row when it is unknown, revoked or expired.
-- $1 digest. Index: api_token_pkey.
select user_name, role from api_token
where digest = $1 and revoked_at is null and (expires_at is null or expires_at > now())
