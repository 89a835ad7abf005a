// Partitions: the hours of a day make one run for that day.
import { dagsIn, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_partitions.ts', import.meta.url));

test('hours of a day roll up into a run for the day', async () => {
  await using partitions = await testDag(await dags);
  const runs = await partitions.advance({ until: '2026-01-02T00:30' });
  const hours = runs.filter(({ dagId }) => dagId === 'typescript_clicks_hourly');
  expect(hours[0]?.xcoms['write_hour']).toEqual({
    return_value: `clicks of ${hours[0]?.partitionKey}`,
  });
  const days = runs.filter(({ dagId }) => dagId === 'typescript_clicks_daily');
  expect(new Set(days.map(({ partitionKey }) => partitionKey))).toEqual(
    new Set(['2026-01-01', '2026-01-02']),
  );
  expect(days[0]?.xcoms['sum_day']).toEqual({ return_value: 'sum of 2026-01-01' });
});
