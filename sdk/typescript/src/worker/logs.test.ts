// What a task prints, on its way to the mesh: whole, in order, once, without secrets, and never too
// much of it.
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { aLease, nextReport, runToReport } from '../testkit/a-lease.ts';
import { type FakeExecutor, startFakeExecutor } from '../testkit/fake-executor.ts';
import { peakMemory } from '../testkit/programs.ts';
import { connectWorker, stopWorkers } from '../testkit/start-worker.ts';
import { until } from '../testkit/until.ts';

const MIB = 1024 * 1024;

let fake: FakeExecutor;

beforeEach(async () => {
  fake = await startFakeExecutor();
});

afterEach(async () => {
  await stopWorkers();
  fake.stop();
});

function untilStored(attemptId: string, size: bigint): Promise<void> {
  return until(() => fake.logs.size(attemptId) === Number(size), `${size} bytes are stored`);
}

test('console, streams, task log and programs all end up as lines with their source', async () => {
  const { session } = await connectWorker(fake);
  session.keepAlive();
  const lease = aLease('talks.in_every_way');
  const { logSize } = await runToReport(session, lease);
  await untilStored(lease.attemptId, logSize);
  const lines = fake.logs.lines(lease.attemptId);
  const told = lines.map(({ level, stream, message }) => [level, stream, message.split('\n')[0]]);
  expect(told).toEqual(
    expect.arrayContaining([
      ['info', 'stdout', 'a number: 42'],
      ['warning', 'stderr', 'careful'],
      ['error', 'stderr', 'Error: not thrown'],
      ['info', 'stdout', 'two chunks'],
      ['debug', 'task', 'details { rows: 3 }'],
      ['info', 'stdout', 'no line feed'],
      ['info', 'stdout', 'out of a program'],
      ['error', 'stderr', 'err of a program'],
    ]),
  );
  expect(told).toHaveLength(8);
  expect(lines.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
});

test('a task that prints without end fills its log to the limit, which says so', async () => {
  const limit = 256 * 1024;
  const { session, worker } = await connectWorker(fake, {}, { logSizeMax: BigInt(limit) });
  session.keepAlive();
  const lease = aLease('talks.too_much', { paramsJson: `{"bytes":${100 * MIB}}` });
  const { outcome, logSize } = await runToReport(session, lease);
  expect(outcome).toBe(Outcome.SUCCESS);
  expect(Number(logSize)).toBeLessThanOrEqual(limit);
  expect(Number(logSize)).toBeGreaterThan(limit - 2_000);
  await untilStored(lease.attemptId, logSize);
  expect(fake.logs.messages(lease.attemptId).at(-1)).toContain(`limit of ${limit} bytes`);
  expect(peakMemory(worker.program.pid ?? 0)).toBeLessThan(250 * MIB);
});

test('while the mesh stores nothing a task has to wait, and then loses nothing', async () => {
  // Nothing here is about being in time: a busy machine must not make the worker give up.
  const patient = { heartbeatInterval: durationFromMs(20_000) };
  const { session, worker } = await connectWorker(fake, {}, patient);
  session.keepAlive();
  fake.logs.isStoring = false;
  const linesCount = 4 * 1024;
  const lease = aLease('talks.too_much', { paramsJson: `{"bytes":${linesCount * 1000}}` });
  session.lease(lease, aLease('ends.noop', { attemptId: 'neighbour' }));
  const neighbour = await nextReport(session);
  expect(neighbour.attemptToken).toBe('token-of-neighbour');
  await until(() => fake.logs.ignoredBytes > MIB, 'the worker has tried');
  expect(peakMemory(worker.program.pid ?? 0)).toBeLessThan(250 * MIB);

  fake.logs.isStoring = true;
  fake.logs.break();

  const { outcome, logSize } = await nextReport(session);
  expect(outcome).toBe(Outcome.SUCCESS);
  await untilStored(lease.attemptId, logSize);
  expect(fake.logs.lines(lease.attemptId)).toHaveLength(linesCount);
});

test('what was not stored when the log stream broke is sent again, once', async () => {
  const { session } = await connectWorker(fake);
  session.keepAlive();
  fake.logs.isStoring = false;
  const lease = aLease('talks.in_every_way');
  const { logSize } = await runToReport(session, lease);
  await until(() => fake.logs.ignoredBytes >= Number(logSize), 'everything was sent in vain');
  fake.logs.isStoring = true;
  fake.logs.break();
  await untilStored(lease.attemptId, logSize);
  expect(fake.logs.messages(lease.attemptId).filter((each) => each === 'careful')).toHaveLength(1);
  expect(fake.logs.streamsCount).toBe(2);
});

test('what was not stored when the session broke is sent after the next Welcome', async () => {
  const { session } = await connectWorker(fake);
  session.keepAlive();
  fake.logs.isStoring = false;
  const lease = aLease('talks.in_every_way');
  const { logSize } = await runToReport(session, lease);
  session.break();
  const again = await fake.session();
  fake.logs.isStoring = true;
  again.welcome();
  again.keepAlive();
  await untilStored(lease.attemptId, logSize);
});

test('a log that the mesh will not take does not hold up the others', async () => {
  const { session, worker } = await connectWorker(fake);
  session.keepAlive();
  const refused = aLease('talks.in_every_way');
  fake.logs.refused.add(refused.attemptId);
  expect((await runToReport(session, refused)).outcome).toBe(Outcome.SUCCESS);
  const other = aLease('talks.in_every_way');
  const { logSize } = await runToReport(session, other);
  await untilStored(other.attemptId, logSize);
  expect(fake.logs.size(refused.attemptId)).toBe(0);
  expect(worker.stderr()).toContain('the log of an attempt is not taken any more');
});

test('secrets of connections appear nowhere, in no form, and not in errors either', async () => {
  const { session } = await connectWorker(fake);
  session.keepAlive();
  const password = 'pa$$ wörd/Nº1+';
  const lease = aLease('talks.secrets', {
    connections: [{ connId: 'store', connType: 'postgres', login: 'ada', password }],
  });
  const { error, logSize } = await runToReport(session, lease);
  await untilStored(lease.attemptId, logSize);
  const messages = fake.logs.messages(lease.attemptId);
  expect(messages.slice(0, 2)).toEqual([
    'password=*** url=***',
    expect.stringMatching(/^basic .*\*\*\*/),
  ]);
  expect(messages).toContain('half *** whole');
  expect(error?.message).toBe('cannot sign in with ***');
  const everything = JSON.stringify([messages, error?.message, error?.stack]);
  expect(everything).not.toContain('wörd');
  expect(everything).not.toContain(Buffer.from(`ada:${password}`).toString('base64').slice(6, -4));
});
