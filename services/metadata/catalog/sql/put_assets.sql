-- Assets that a DAG declares, as it declares them.
-- $1 DAG id, $2 text[] names, $3 text[] URIs, $4 text[] groups, $5 text[] extras.
-- Index: asset_pkey, dag_asset_pkey.
with declared as (
  insert into dag_asset (dag_id, asset_name, asset_uri)
  select $1, name, uri from unnest($2::text[], $3::text[]) as asset (name, uri)
)
insert into asset (name, uri, group_name, extra, is_active)
select name, uri, group_name, extra, true
from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as put (name, uri, group_name, extra)
order by name
on conflict (name) do update set
  uri = excluded.uri,
  group_name = excluded.group_name,
  extra = excluded.extra,
  is_active = true
