// Alerts: a failure is told, a late run is told, and only what is worth it is tried again.
import { dagsIn, fails, takes, testDag } from '@dagmesh/sdk/testing';
import { beforeEach, expect, test, vi } from 'vitest';

const dags = dagsIn(new URL('../typescript_alerts.ts', import.meta.url));

const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);

/** What callbacks have printed. */
const heard = () => log.mock.calls.map((words) => words.join(' '));

beforeEach(() => log.mockClear());

test('bad data is not tried again, and somebody is told', async () => {
  await using alerts = await testDag(await dags);
  const run = await alerts.run({ params: { by: 0 } });
  expect(run.state).toBe('failed');
  expect(run.tries['divide']).toHaveLength(1);
  expect(heard()).toEqual(['typescript_alerts needs a look: failure']);
});

test('anything else is tried three times more, ten seconds apart', async () => {
  await using alerts = await testDag(await dags, { bodies: { divide: fails('the disk is full') } });
  const run = await alerts.run();
  expect(run.tries['divide']?.map(({ start }) => start?.getSeconds())).toEqual([0, 10, 20, 30]);
  const again = 'again: divide';
  expect(heard()).toEqual([again, again, again, 'typescript_alerts needs a look: failure']);
});

test('a run that takes longer than five minutes is told while it still runs', async () => {
  await using alerts = await testDag(await dags, { bodies: { divide: takes('10m', () => 5) } });
  const run = await alerts.run({ until: '2026-01-01T00:04' });
  expect(run.state).toBe('running');
  await alerts.advance({ until: '2026-01-01T00:06' });
  expect(heard()).toContain('typescript_alerts needs a look: deadline_missed');
});
