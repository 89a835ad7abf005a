// Partitions: hours of data roll up into days, each day a run of its own.
import { asset, cronPartition, dag, mapper, partitioned } from '@dagmesh/sdk';

const clicks = asset('typescript_clicks', { uri: 's3://example/clicks' });
const paused = { isPausedUponCreation: true, tags: ['example'] };

dag('typescript_clicks_hourly', { schedule: cronPartition('@hourly'), ...paused }, (d) => {
  d.task('write_hour', { outlets: [clicks] }, ({ partitionKey }) => `clicks of ${partitionKey}`);
});

const perDay = partitioned(clicks, { defaultMapper: mapper.daily() });

dag('typescript_clicks_daily', { schedule: perDay, ...paused }, (d) => {
  d.task('sum_day', ({ partitionKey }) => `sum of ${partitionKey}`);
});
