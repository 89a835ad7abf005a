// People: the test answers for them, and time runs out when nobody does.
import { dagsIn, testDag } from '@dagmesh/sdk/testing';
import { expect, test } from 'vitest';

const dags = dagsIn(new URL('../typescript_approval.ts', import.meta.url));

test('what is approved goes where it was said, and the form greets', async () => {
  await using approval = await testDag(await dags);
  const asked = await approval.run();
  expect(asked.waits['approve']).toContain('Publish the figures?');
  await approval.respond('approve', { choose: 'Approve', by: 'ann' });
  await approval.play();
  await approval.respond('where', { choose: ['Website'] });
  await approval.respond('greet', { choose: 'OK', params: { greeting: 'Hello' }, by: 'bob' });
  const run = await approval.play();
  expect(run.tasks).toMatchObject({ website: 'success', newsletter: 'skipped' });
  expect(run.xcoms['greet']).toEqual({ return_value: 'Hello, says bob' });
});

test('a rejection skips everything that follows; so does a day without an answer', async () => {
  const skipped = { where: 'skipped', website: 'skipped', greet: 'skipped' };
  await using rejected = await testDag(await dags);
  await rejected.run();
  await rejected.respond('approve', { choose: 'Reject' });
  expect((await rejected.play()).tasks).toMatchObject(skipped);
  await using silent = await testDag(await dags);
  const run = await silent.run({ until: '2026-01-02T00:01' });
  expect(run.tasks).toMatchObject(skipped);
});
