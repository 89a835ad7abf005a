-- Limit keys whose pause is over.
-- $1 text[] DAG ids, $2 text[] keys. Index: key_pause_pkey.
delete from key_pause
using unnest($1::text[], $2::text[]) as over (dag_id, key)
where key_pause.dag_id = over.dag_id and key_pause.key = over.key
