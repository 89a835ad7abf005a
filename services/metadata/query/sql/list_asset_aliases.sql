-- The aliases through which an asset was updated.
-- $1 asset name. Index: asset_alias_pkey, asset_event_alias_by_alias, asset_event_pkey.
select l.name
from asset_alias as l
where exists (
  select from asset_event_alias as t
  join asset_event as e on e.id = t.event_id
  where t.alias = l.name and e.asset_name = $1
)
order by l.name
