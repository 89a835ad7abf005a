// Sensors: they look again on the virtual clock; what has no code is fired by the test.
import { dagsIn, returns, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_sensors.ts', import.meta.url));

test('both find the file, and what follows takes a breath of two seconds', async () => {
  await using sensors = await testDag(await dags, { bodies: { size_of_file: returns(42) } });
  const waiting = await sensors.run();
  expect(waiting.waits['file']).toContain('fire("file")');
  await sensors.fire('file', { event: { path: '/tmp/typescript_sensors.csv' } });
  const run = await sensors.play();
  expect(run.state).toBe('success');
  expect(sensors.now).toEqual(new Date('2026-01-01T00:00:02Z'));
});

test('a file that never comes fails the one, and skips the other, which fails softly', async () => {
  await using sensors = await testDag(await dags);
  const run = await sensors.run({ until: '2026-01-01T03:00' });
  expect(run.tasks).toMatchObject({ size_of_file: 'failed', file: 'skipped' });
  // Each look waits longer than the one before.
  const starts = (run.tries['size_of_file'] ?? []).map(({ start }) => start?.getTime() ?? 0);
  const waits = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
  expect(waits.at(-2)).toBeGreaterThan(waits[0] ?? 0);
});
