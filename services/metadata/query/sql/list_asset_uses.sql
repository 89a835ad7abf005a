-- Who makes, reads and awaits an asset, by its name, its URI or one of its aliases.
-- $1 asset name, $2 its URI, $3 text[] its aliases. Index: task_asset_port_by_ref,
-- dag_asset_consumer_pkey.
with ref (ref_kind, ref) as (
  values ('name', $1::text), ('uri', $2::text)
  union all
  select 'alias', alias from unnest($3::text[]) as alias
)
select p.direction as role, p.dag_id, p.task_id
from task_asset_port as p
join ref using (ref_kind, ref)
union
select 'schedule', c.dag_id, ''
from dag_asset_consumer as c
join ref using (ref_kind, ref)
order by 1, 2, 3
