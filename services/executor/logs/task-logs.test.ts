// The way of a task's log: from its worker through the executor to whoever reads it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lease } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { LogChunk } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { Code, detailsOf, reasonOf } from '#kernel/errors/errors.ts';
import { createMessageQueue } from '#kernel/rpc/message-queue.ts';
import { eventually, eventuallyGives } from '../../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh } from '../testing/mesh.ts';
import { beat, joinWorker, type TestWorker } from '../testing/worker.ts';

let mesh: TestMesh;
let beating: { stop(): void } | undefined;
beforeEach(async () => {
  mesh = await startTestMesh();
});
afterEach(async () => {
  beating?.stop();
  await mesh.stop();
});

async function leaseOne(): Promise<{ worker: TestWorker; lease: Lease }> {
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  beating?.stop();
  beating = beat(worker, [lease.attemptId]);
  return { worker, lease };
}

type ChunkInit = Pick<LogChunk, 'attemptToken' | 'offset' | 'content'>;
const chunkOf = ({ attemptToken }: Lease, offset: number, text: string): ChunkInit => ({
  attemptToken,
  offset: BigInt(offset),
  content: Buffer.from(text),
});

/** A log stream in the hands of a test. */
function openLogStream() {
  const chunks = createMessageQueue<{ chunk: ChunkInit }>({ messagesMax: 10_000 });
  const stored: number[] = [];
  let failure: unknown;
  const listen = async () => {
    try {
      for await (const { storedSize } of mesh.worker.streamLogs(chunks)) {
        stored.push(Number(storedSize));
      }
    } catch (error) {
      failure = error;
    }
  };
  void listen();
  return {
    stored,
    send: (chunk: ChunkInit) => chunks.push({ chunk }),
    close: () => chunks.end(),
    failure: () =>
      eventuallyGives(() => failure, { deadlineMs: 60_000, what: 'the stream failed' }),
    acknowledged: (size: number) =>
      eventually(() => stored.includes(size), {
        deadlineMs: 60_000,
        what: `${size} bytes are acknowledged`,
        pollMs: 2,
      }),
  };
}

const logOf = ({ dagId, runId, taskId, mapIndex, epoch }: Lease) => ({
  dagId,
  runId,
  taskId,
  mapIndex,
  epoch,
});

/** Reads a log to its end. */
async function read(lease: Lease, options: { follow?: boolean; offset?: bigint } = {}) {
  let text = '';
  const answers = mesh.api.readLog({ ...logOf(lease), ...options });
  for await (const { content } of answers) text += Buffer.from(content).toString();
  return text;
}

test('each chunk is acknowledged with the size stored, and can be read', async () => {
  const { lease } = await leaseOne();
  const stream = openLogStream();
  stream.send(chunkOf(lease, 0, 'one\n'));
  stream.send(chunkOf(lease, 4, 'two\n'));
  await stream.acknowledged(8);
  expect(stream.stored).toEqual([4, 8]);
  expect(await read(lease)).toBe('one\ntwo\n');
  expect(await read(lease, { offset: 4n })).toBe('two\n');
  stream.close();
});

test('a gap is answered with the size that is stored, so that the worker can go back', async () => {
  const { lease } = await leaseOne();
  const stream = openLogStream();
  stream.send(chunkOf(lease, 100, 'late\n'));
  await stream.acknowledged(0);
  stream.send(chunkOf(lease, 0, 'one\n'));
  await stream.acknowledged(4);
  expect(await read(lease)).toBe('one\n');
  stream.close();
});

test('the last bytes of a log may come after the outcome that announced them', async () => {
  const { worker, lease } = await leaseOne();
  worker.finish(lease, { logSize: 8n });
  await worker.result(lease.attemptId);
  const stream = openLogStream();
  stream.send(chunkOf(lease, 0, 'one\n'));
  stream.send(chunkOf(lease, 4, 'two\n'));
  await stream.acknowledged(8);
  stream.send(chunkOf(lease, 8, 'more\n'));
  expect(reasonOf(await stream.failure())).toBe('stale_attempt');
  expect(detailsOf(await stream.failure())).toEqual({ attempt_id: lease.attemptId });
  expect(await read(lease)).toBe('one\ntwo\n');
});

test('a followed log ends once its attempt has ended and its last bytes have come', async () => {
  const { worker, lease } = await leaseOne();
  const following = read(lease, { follow: true });
  const stream = openLogStream();
  stream.send(chunkOf(lease, 0, 'one\n'));
  await stream.acknowledged(4);
  worker.finish(lease, { logSize: 8n });
  await worker.result(lease.attemptId);
  stream.send(chunkOf(lease, 4, 'two\n'));
  expect(await following).toBe('one\ntwo\n');
  stream.close();
});

test('a followed log of an attempt that is over ends at once', async () => {
  const { worker, lease } = await leaseOne();
  const stream = openLogStream();
  stream.send(chunkOf(lease, 0, 'one\n'));
  await stream.acknowledged(4);
  stream.close();
  worker.finish(lease, { logSize: 4n });
  await worker.result(lease.attemptId);
  expect(await read(lease, { follow: true })).toBe('one\n');
});

test('logs outlive the executor that took them', async () => {
  const { lease } = await leaseOne();
  const stream = openLogStream();
  stream.send(chunkOf(lease, 0, 'one\n'));
  await stream.acknowledged(4);
  await mesh.restart();
  expect(await read(lease)).toBe('one\n');
  const again = openLogStream();
  again.send(chunkOf(lease, 0, 'one\ntwo\n'));
  await again.acknowledged(8);
  expect(await read(lease)).toBe('one\ntwo\n');
  again.close();
});

test('a log above its limit is refused by name', async () => {
  const { lease } = await leaseOne();
  const stream = openLogStream();
  const content = 'x'.repeat(600_000);
  stream.send(chunkOf(lease, 0, `${content}\n`));
  await stream.acknowledged(600_001);
  stream.send(chunkOf(lease, 600_001, `${content}\n`));
  const failure = await stream.failure();
  expect(reasonOf(failure)).toBe('log_too_large');
  expect(failure).toMatchObject({ code: Code.ResourceExhausted });
});

test('thousands of chunks arrive in order', async () => {
  const { lease } = await leaseOne();
  const stream = openLogStream();
  const lines = Array.from({ length: 3_000 }, (_, number) => `line ${number}\n`);
  let offset = 0;
  for (const line of lines) {
    stream.send(chunkOf(lease, offset, line));
    offset += line.length;
  }
  await stream.acknowledged(offset);
  expect(await read(lease)).toBe(lines.join(''));
  stream.close();
});
