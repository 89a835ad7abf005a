-- Makes a version of a bundle the one in force, unless another became that meanwhile, and reads the
-- one in force. Of two at once, one waits for the other and changes nothing.
-- $1 bundle, $2 version or empty to ask only, $3 the sequence in force when it was asked for.
-- Index: dag_bundle_pkey.
with claimed as (
  insert into dag_bundle as b (bundle_name, bundle_version, sequence)
  select $1::text, $2::text, $3::bigint + 1 where $2::text <> ''
  on conflict (bundle_name) do update
    set bundle_version = excluded.bundle_version, sequence = b.sequence + 1
    where b.sequence = $3::bigint and b.bundle_version <> excluded.bundle_version
  returning bundle_version, sequence
)
select bundle_version as "bundleVersion", sequence as "bundleSequence" from claimed
union all
select bundle_version, sequence from dag_bundle
where bundle_name = $1::text and not exists (select from claimed)
