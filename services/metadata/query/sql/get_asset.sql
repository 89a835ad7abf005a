-- One asset by its name or, when that is null, the first one at its URI that is in use.
-- $1 name or null, $2 URI. Index: asset_pkey, asset_by_uri, asset_event_by_name,
-- task_asset_port_by_ref, dag_asset_consumer_pkey.
select
  s.name, s.uri, s.group_name, s.extra, s.is_active,
  (
    select e."timestamp" from asset_event as e
    where e.asset_name = s.name
    order by e."timestamp" desc
    limit 1
  ) as last_event_time,
  (
    select count(*)::integer from task_asset_port as p
    where p.direction = 'outlet' and (p.ref_kind, p.ref) in (('name', s.name), ('uri', s.uri))
  ) as producers_count,
  (
    select count(distinct c.dag_id)::integer from dag_asset_consumer as c
    where (c.ref_kind, c.ref) in (('name', s.name), ('uri', s.uri))
  ) as consumers_count
from asset as s
where s.name = $1::text or ($1::text is null and s.uri = $2::text)
order by s.is_active desc, s.name
limit 1
