-- Sends notices on a channel, once the transaction has committed.
-- $1 channel, $2 text[] payloads.
select pg_notify($1, payload)::text as called from unnest($2::text[]) as notice (payload)
