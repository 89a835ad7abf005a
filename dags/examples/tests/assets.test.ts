// Assets: what one DAG makes starts the other, which sees what was said of it.
import { dagsIn, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_assets.ts', import.meta.url));
const [producer, consumer] = ['typescript_assets_producer', 'typescript_assets_consumer'];

test('the consumer runs when orders were written, and counts their rows', async () => {
  await using assets = await testDag(await dags);
  await assets.run({ dagId: producer });
  const run = await assets.play({ dagId: consumer });
  expect(run).toMatchObject({ runType: 'asset_triggered', state: 'success' });
  // Three orders, and the late one that the alias stands for.
  expect(run.xcoms['count_rows']).toEqual({ return_value: 4 });
});

test('what an asset keeps outlives the run that wrote it', async () => {
  await using assets = await testDag(await dags);
  for (const runId of ['first', 'second']) await assets.run({ dagId: producer, runId });
  await assets.play({ dagId: consumer });
  const written = (await assets.runs(producer)).map(({ state }) => state);
  expect(written).toEqual(['success', 'success']);
});

test('without any orders it runs once a day all the same', async () => {
  await using assets = await testDag(await dags);
  const runs = await assets.advance({ until: '2026-01-07' });
  expect(runs.map(({ dagId }) => dagId)).toEqual(Array(7).fill(consumer));
  expect(runs.at(-1)?.xcoms['count_rows']).toEqual({ return_value: 0 });
});
