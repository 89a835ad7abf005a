-- Makes a version of a bundle the one in force, unless it is that already or another became that
-- meanwhile. Of two at once, one waits for the other and changes nothing.
-- $1 bundle, $2 version, $3 the sequence in force when it was asked for. Index: dag_bundle_pkey.
insert into dag_bundle as b (bundle_name, bundle_version, sequence)
values ($1::text, $2::text, $3::bigint + 1)
on conflict (bundle_name) do update
  set bundle_version = excluded.bundle_version, sequence = b.sequence + 1
  where b.sequence = $3::bigint and b.bundle_version <> excluded.bundle_version
