-- Pauses and ends of pauses.
-- $1 text[] DAG ids, $2 boolean[] whether each is paused. Index: dag_pkey.
update dag set is_paused = wish.is_paused
from unnest($1::text[], $2::boolean[]) as wish (dag_id, is_paused)
where dag.dag_id = wish.dag_id
