// What waits for a session: in which order it leaves, in how many messages, and how it ends.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { Outbox, type SessionMessage } from './outbox.ts';

const leaseOf = (attemptId: string, inputsJson = '{}') =>
  create(LeaseSchema, { attemptId, inputsJson });

/** Everything that an ended outbox sends. */
async function drain(outbox: Outbox): Promise<SessionMessage['message'][]> {
  const messages: SessionMessage['message'][] = [];
  for await (const { message } of outbox.messages(new AbortController().signal)) {
    messages.push(message);
  }
  return messages;
}

test('the greeting comes first, and results travel with the leases they brought', async () => {
  const outbox = new Outbox();
  outbox.control({ case: 'drain', value: { reason: 'late' } });
  outbox.result({ attemptId: 'done', status: AttemptStatus.RECORDED });
  outbox.lease(leaseOf('next'));
  outbox.welcome({ case: 'welcome', value: { sessionId: 's' } });
  outbox.end();
  expect(await drain(outbox)).toMatchObject([
    { case: 'welcome' },
    {
      case: 'recorded',
      value: { results: [{ attemptId: 'done' }], leases: [{ attemptId: 'next' }] },
    },
    { case: 'drain' },
  ]);
});

test('a burst of leases leaves in few messages, each of them of bearable size', async () => {
  const outbox = new Outbox();
  const large = JSON.stringify('x'.repeat(600_000));
  for (const attemptId of ['a', 'b', 'c']) outbox.lease(leaseOf(attemptId, large));
  for (let number = 0; number < 100; number += 1) outbox.lease(leaseOf(`small-${number}`));
  outbox.end();
  const sizes = (await drain(outbox)).map((message) =>
    message?.case === 'leases' ? message.value.leases?.length : undefined,
  );
  expect(sizes).toEqual([1, 1, 101]);
});

test('a worker that does not read loses its session', async () => {
  const outbox = new Outbox();
  for (let number = 0; number <= 50_000; number += 1) outbox.control({ case: undefined });
  await expect(drain(outbox)).rejects.toSatisfy((error) => reasonOf(error) === 'queue_full');
});

test('what comes while the stream waits is sent at once', async () => {
  const outbox = new Outbox();
  const messages = outbox.messages(new AbortController().signal);
  const first = messages.next();
  outbox.lease(leaseOf('a'));
  expect((await first).value).toMatchObject({ message: { case: 'leases' } });
  const second = messages.next();
  outbox.end(new Error('broken'));
  await expect(second).rejects.toThrow('broken');
});

test('a stream that breaks sends nothing more', async () => {
  const outbox = new Outbox();
  const breaking = new AbortController();
  const messages = outbox.messages(breaking.signal);
  const waiting = messages.next();
  breaking.abort();
  expect((await waiting).done).toBe(true);
});
