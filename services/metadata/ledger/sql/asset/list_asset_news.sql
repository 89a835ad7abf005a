-- The latest updates of an asset that somebody who asks has not seen, each with the places of those
-- it is news to; one row without an update when there is none. Extras that are too large are left
-- out.
-- News to a cursor is what it does not show, also what was committed late with an early time. Who
-- has no cursor goes by the wait it names, and by time. Cursors of another history (the database
-- was restored) count as none, updates of one as old. When there are too many, those go first that
-- are news to the most: who has seen more than others has news among them.
-- $1 asset name; one array a column, one element for each who asks: $2 pg_snapshot[] cursors, $3
-- float8[] ms since the epoch, $4 uuid[] waits, all of which may be null; $5 rows, $6 bytes of an
-- extra.
-- Index: asset_event_by_transaction, asset_event_by_name, asset_event_pkey, task_instance_waiting.
with present as materialized (
  select pg_current_snapshot() as snapshot
),
asker as materialized (
  select
    asked.place,
    case when pg_snapshot_xmax(asked.known) <= pg_snapshot_xmax(present.snapshot) then asked.known
    end as known,
    case
      when pg_snapshot_xmax(asked.seen) <= pg_snapshot_xmax(present.snapshot) then null
      else to_timestamp(asked.since / 1000)
    end as since
  from (
    select told.place, told.seen, told.since, coalesce(told.seen, waits.waiting_from) as known
    from unnest($2::pg_snapshot[], $3::float8[], $4::uuid[]) with ordinality
      as told (seen, since, wait_id, place)
    left join task_instance as waits on waits.wait_id = told.wait_id
  ) as asked
  cross join present
),
late as (
  select e.id, e."timestamp", e.transaction_id
  from asset_event as e
  where e.asset_name = $1
    and e.transaction_id >= (
      select pg_snapshot_xmin(known) from asker where known is not null
      order by pg_snapshot_xmin(known) limit 1
    )
  order by e.transaction_id desc
  limit 5000
),
recent as (
  select e.id, e."timestamp", e.transaction_id
  from asset_event as e
  where e.asset_name = $1 and e."timestamp" > (select min(since) from asker)
  order by e."timestamp" desc, e.id desc
  limit 1000
),
news as (
  select found.id, found."timestamp", array_agg(asker.place order by asker.place) as places
  from (select * from late union select * from recent) as found
  cross join present
  join asker on found."timestamp" > asker.since
    or (
      found.transaction_id < pg_snapshot_xmax(present.snapshot)
      and not pg_visible_in_snapshot(found.transaction_id, asker.known)
    )
  group by found.id, found."timestamp"
  order by count(*) desc, found."timestamp" desc, found.id desc
  limit $5
)
select
  present.snapshot::text as cursor, news.places::integer[] as places, e.id, e.asset_name,
  e.asset_uri, case when octet_length(e.extra) <= $6 then e.extra else '' end as extra,
  e."timestamp", e.source_dag_id, e.source_run_id, e.source_task_id, e.source_map_index,
  e.partition_key, e.actor,
  array(select alias from asset_event_alias where event_id = e.id order by alias) as aliases
from present
left join (news join asset_event as e on e.id = news.id) on true
order by e."timestamp" desc, e.id desc
