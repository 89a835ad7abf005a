// Ways through a DAG: which tasks run follows from a param.
import { dagsIn, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_branches.ts', import.meta.url));

test.each([
  [3, { one_by_one: 'success', in_bulk: 'skipped', join: 'success', publish: 'success' }],
  [1_000, { one_by_one: 'skipped', in_bulk: 'success', join: 'success', publish: 'success' }],
  [0, { choose: 'skipped', one_by_one: 'skipped', in_bulk: 'skipped', join: 'skipped' }],
])('%i rows go their way', async (rows, states) => {
  await using branches = await testDag(await dags);
  const run = await branches.run({ params: { rows } });
  expect(run).toMatchObject({ state: 'success', tasks: states });
});

test('fewer rows than none are refused before anything runs', async () => {
  await using branches = await testDag(await dags);
  await expect(branches.run({ params: { rows: -1 } })).rejects.toThrow('rows');
});
