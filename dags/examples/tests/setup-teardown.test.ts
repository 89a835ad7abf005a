// Setup and teardown: what was created is deleted, however the work ended.
import { dagsIn, fails, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_setup_teardown.ts', import.meta.url));

test.each([
  ['work', { delete_cluster: 'success', more_work: 'success' }, 'failed'],
  ['create_cluster', { work: 'upstream_failed', delete_cluster: 'upstream_failed' }, 'failed'],
  ['delete_cluster', { work: 'success', more_work: 'success' }, 'success'],
])('when %s fails', async (broken, states, state) => {
  await using cluster = await testDag(await dags, { bodies: { [broken]: fails('no quota') } });
  const run = await cluster.run();
  expect(run).toMatchObject({ state, tasks: { ...states, [broken]: 'failed' } });
});

test('when nothing fails, the cluster is gone in the end', async () => {
  await using cluster = await testDag(await dags);
  expect(await cluster.run()).toMatchObject({
    state: 'success',
    tasks: { create_cluster: 'success', delete_cluster: 'success' },
  });
});
