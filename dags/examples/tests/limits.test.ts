// Limits: pages are asked for two at a time, and a run waits for the run before.
import { dagsIn, fails, takes, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_limits.ts', import.meta.url));

test('never more than two pages are asked for at once', async () => {
  const bodies = { ask_api: takes('10s', () => 'a page') };
  await using limits = await testDag(await dags, { bodies });
  const run = await limits.run({ logicalDate: '2026-01-01' });
  const starts = Object.values(run.tries).map(([first]) => first?.start?.getSeconds());
  expect(starts.toSorted()).toEqual([0, 0, 10, 10, 20]);
});

test('the next hour waits until the one before has succeeded', async () => {
  await using limits = await testDag(await dags, { bodies: { ask_api: fails('403') } });
  const runs = await limits.advance({ until: '2026-01-01T03:00' });
  expect(runs[0]?.state).toBe('failed');
  expect(Object.values(runs[1]?.waits ?? {}).join()).toContain('the run before');
});
