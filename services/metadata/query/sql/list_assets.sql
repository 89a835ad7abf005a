-- Assets by name.
-- $1 name or null, $2 URI or null, $3 text their name or URI contains, $4 whether inactive ones
-- count, $5 DAG that names them or null, $6 name of the last one before the page or null, $7 rows.
-- Index: asset_pkey, asset_by_uri, dag_asset_pkey, asset_event_by_name, task_asset_port_by_ref,
-- dag_asset_consumer_pkey.
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
where ($1::text is null or s.name = $1::text)
  and ($2::text is null or s.uri = $2::text)
  and ($3::text = '' or strpos(s.name, $3::text) > 0 or strpos(s.uri, $3::text) > 0)
  and (s.is_active or $4::boolean)
  and (
    $5::text is null
    or exists (select from dag_asset as d where d.dag_id = $5::text and d.asset_name = s.name)
  )
  and ($6::text is null or s.name > $6::text)
order by s.name
limit $7
