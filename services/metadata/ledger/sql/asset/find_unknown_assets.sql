-- Of assets by name, or by URI when the name is empty, those that do not exist.
-- $1 text[] names, $2 text[] URIs. Index: asset_pkey, asset_by_uri.
select asked.name, asked.uri
from unnest($1::text[], $2::text[]) as asked (name, uri)
where not exists (select from asset where asset.name = asked.name)
  and (asked.name <> '' or not exists (select from asset where asset.uri = asked.uri))
