// Groups: edges to a group reach what begins in it, edges from it wait for what ends in it.
import { dagsIn, fails, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_groups.ts', import.meta.url));

test('both reports wait for every shop', async () => {
  await using groups = await testDag(await dags, { bodies: { 'load.shops.south': fails('no') } });
  const run = await groups.run();
  expect(run.tasks).toMatchObject({
    'load.shops.north': 'success',
    daily: 'upstream_failed',
    weekly: 'upstream_failed',
    done: 'upstream_failed',
  });
  // The default arguments of the group hold for the groups in it.
  expect(run.tries['load.shops.south']).toHaveLength(3);
});

test('when all is well, all of it runs', async () => {
  await using groups = await testDag(await dags);
  const run = await groups.run();
  expect(new Set(Object.values(run.tasks))).toEqual(new Set(['success']));
  expect(Object.keys(run.tasks)).toHaveLength(6);
});
