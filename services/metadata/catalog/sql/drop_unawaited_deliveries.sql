-- Asset events that wait for DAGs whose schedule does not await them any more.
-- $1 text[] DAG ids. Index: asset_delivery_pkey, asset_event_pkey, dag_asset_consumer_pkey.
delete from asset_delivery
using asset_event as event
where asset_delivery.dag_id = any ($1::text[])
  and event.id = asset_delivery.event_id
  and not exists (
    select
    from dag_asset_consumer as consumer
    where consumer.dag_id = asset_delivery.dag_id
      and case consumer.ref_kind
        when 'name' then consumer.ref = event.asset_name
        when 'uri' then consumer.ref = event.asset_uri
        else exists (
          select from asset_event_alias where event_id = event.id and alias = consumer.ref
        )
      end
  )
