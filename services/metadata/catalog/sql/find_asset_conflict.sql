-- An asset that other DAGs declare with another URI, or whose URI they give to another name.
-- $1 text[] names, $2 text[] their URIs, $3 text[] DAGs that do not count.
-- Index: dag_asset_by_name, dag_asset_by_uri.
select declared.name, declared.uri, other.asset_name, other.asset_uri, other.dag_id
from unnest($1::text[], $2::text[]) as declared (name, uri)
join dag_asset as other
  on (other.asset_name = declared.name and other.asset_uri <> declared.uri)
  or (other.asset_uri = declared.uri and other.asset_name <> declared.name)
where other.dag_id <> all ($3::text[])
limit 1
