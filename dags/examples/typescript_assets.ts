// Assets: one DAG makes data, another runs whenever there is some, or at least once a day.
import { anyOf, asset, assetAlias, assetOrTime, dag } from '@dagmesh/sdk';

const orders = asset('typescript_orders', { uri: 's3://example/orders', group: 'shop' });
const late = assetAlias('typescript_late_orders');

dag('typescript_assets_producer', { tags: ['example'] }, (d) => {
  d.task('write_orders', { outlets: [orders, late] }, async ({ outletEvents, state }) => {
    const written = ((await state.of(orders).get<number>('written')) ?? 0) + 3;
    await state.of(orders).set('written', written);
    outletEvents.add(orders, { rows: 3, written });
    const lateOrders = asset('typescript_orders_late', { uri: 's3://example/orders/late' });
    outletEvents.add(lateOrders, { rows: 1 }, { alias: late });
  });
});

dag(
  'typescript_assets_consumer',
  {
    schedule: assetOrTime('@daily', anyOf(orders, late)),
    startDate: '2026-01-01',
    isPausedUponCreation: true,
    tags: ['example'],
  },
  (d) => {
    d.task('count_rows', { inlets: [orders] }, ({ triggeringAssetEvents }) =>
      triggeringAssetEvents.reduce((sum, { extra }) => sum + Number(extra.rows ?? 0), 0),
    );
  },
);
