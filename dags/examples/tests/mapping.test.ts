// How to test a DAG: its own functions on a virtual clock, or others in their place.
import { dagsIn, fails, returns, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_mapping.ts', import.meta.url));

test('each file is scaled by each factor, and what is no table is left out', async () => {
  await using mapping = await testDag(await dags);
  const run = await mapping.run();
  expect(run.state).toBe('success');
  // Two tables by two factors; the third file is skipped for both.
  const states = Object.entries(run.tasks).filter(([task]) => task.startsWith('scale['));
  expect(states.map(([, state]) => state).toSorted()).toEqual([
    ...['skipped', 'skipped'],
    ...['success', 'success', 'success', 'success'],
  ]);
  expect(run.labels['scale[1]']).toBe('a.csv by 10');
  expect(run.xcoms['total']).toEqual({ return_value: 2 * (5 + 50) });
});

test('a folder without files maps to nothing, one that cannot be read fails the run', async () => {
  await using empty = await testDag(await dags, { bodies: { list_files: returns([]) } });
  expect((await empty.run()).tasks).toMatchObject({ scale: 'skipped', total: 'success' });
  const bodies = { list_files: fails('permission denied') };
  await using broken = await testDag(await dags, { bodies });
  expect((await broken.run()).state).toBe('failed');
});
