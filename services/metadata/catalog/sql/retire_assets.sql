-- Assets that no DAG declares any more become inactive, and nothing is kept for them.
-- $1 text[] names to look at. Index: asset_pkey, dag_asset_by_name, kept_state_pkey.
with retired as (
  update asset set is_active = false
  where name = any ($1::text[])
    and is_active
    and not exists (select from dag_asset where asset_name = asset.name)
  returning name
)
delete from kept_state using retired where scope = 'asset' and owner = retired.name
