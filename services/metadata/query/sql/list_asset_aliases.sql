-- The aliases through which an asset was updated.
-- $1 asset name. Index: asset_alias_asset_pkey.
select alias as name from asset_alias_asset where asset_name = $1 order by alias
