-- Assets by name.
-- $1 text their name or URI contains, $2 whether inactive ones count, $3 DAG that names them or
-- null, $4 name of the last one before the page or null, $5 rows. Index: asset_pkey, dag_asset_pkey,
-- asset_event_by_name, task_asset_port_by_ref, dag_asset_consumer_pkey.
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
where (strpos(s.name, $1::text) > 0 or strpos(s.uri, $1::text) > 0)
  and (s.is_active or $2::boolean)
  and (
    $3::text is null
    or exists (select from dag_asset as d where d.dag_id = $3::text and d.asset_name = s.name)
  )
  and ($4::text is null or s.name > $4::text)
order by s.name
limit $5
