// Deferral: the same try goes on when its trigger has fired, and fails when that is too late.
import { dagsIn, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_deferral.ts', import.meta.url));

test('the job is collected three seconds later, in the same try', async () => {
  await using deferral = await testDag(await dags);
  const run = await deferral.run();
  expect(deferral.now).toEqual(new Date('2026-01-01T00:00:03Z'));
  expect(run.tries['slow_job']).toMatchObject([
    { number: 1, state: 'waiting' },
    { number: 1, state: 'success' },
  ]);
  expect(run.log.map(({ message }) => message)).toEqual([
    'job 7 was started; nobody waits for it on this worker',
    'going on with collect { job: 7 }',
  ]);
});

test('a job that is lost fails for good, although a try is left', async () => {
  await using deferral = await testDag(await dags);
  await deferral.run({ until: '2026-01-01T00:00:01' });
  await deferral.fire('slow_job', { error: 'the machine is gone' });
  const run = await deferral.play();
  expect(run.tasks).toEqual({ slow_job: 'failed' });
  expect(run.tries['slow_job']?.at(-1)?.error).toBe('the job was lost: the machine is gone');
});
