-- The assets and aliases that a DAG's schedule awaits.
-- $1 DAG id, $2 text[] how they are named, $3 text[] what they are named.
insert into dag_asset_consumer (dag_id, ref_kind, ref)
select $1, ref_kind, ref from unnest($2::text[], $3::text[]) as awaited (ref_kind, ref)
