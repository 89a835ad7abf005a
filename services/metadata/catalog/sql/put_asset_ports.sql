-- The assets and aliases that a DAG's tasks read and make.
-- $1 DAG id, $2 text[] task ids, $3 text[] directions, $4 text[] how they are named, $5 text[] what
-- they are named.
insert into task_asset_port (dag_id, task_id, direction, ref_kind, ref)
select $1, task_id, direction, ref_kind, ref
from unnest($2::text[], $3::text[], $4::text[], $5::text[])
  as port (task_id, direction, ref_kind, ref)
