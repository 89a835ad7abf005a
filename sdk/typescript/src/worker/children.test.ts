// The warm children of a worker: who shares one, how long it lives, and what it may know.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AttemptReport, Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { aLease, record, runToReport } from '../testkit/a-lease.ts';
import { type FakeExecutor, Refusal, startFakeExecutor } from '../testkit/fake-executor.ts';
import type { FakeSession } from '../testkit/fake-session.ts';
import { commandOf } from '../testkit/programs.ts';
import {
  connectWorker,
  DAGS_FOLDER,
  stopWorkers,
  type TestWorker,
} from '../testkit/start-worker.ts';
import { until } from '../testkit/until.ts';

let fake: FakeExecutor;

beforeEach(async () => {
  fake = await startFakeExecutor();
});

afterEach(async () => {
  await stopWorkers();
  fake.stop();
});

async function connected(env: Readonly<Record<string, string>> = {}): Promise<FakeSession> {
  const { session } = await connectWorker(fake, env);
  session.keepAlive();
  return session;
}

function valueOf({ xcoms }: AttemptReport): unknown {
  return JSON.parse(xcoms[0]?.valueJson ?? 'null');
}

async function pidOfTask(session: FakeSession): Promise<unknown> {
  return valueOf(await runToReport(session, aLease('talks.its_pid')));
}

/** Children that run tasks; the guard is a shell. */
function childrenLeft(worker: TestWorker): number {
  return worker.childPids().filter((pid) => commandOf(pid).includes('child/main')).length;
}

/** The next reports, however they are batched. */
async function reportsOf(session: FakeSession, count: number): Promise<AttemptReport[]> {
  const all: AttemptReport[] = [];
  while (all.length < count) {
    const { reports } = await session.next('finished');
    record(session, ...reports);
    all.push(...reports);
  }
  return all;
}

test('tasks run one after another in the same warm child', async () => {
  const session = await connected();
  expect(await pidOfTask(session)).toBe(await pidOfTask(session));
});

test('a child is replaced after its number of tasks', async () => {
  const session = await connected({
    DAGMESH_WORKER_TASKS_PER_CHILD: '2',
    DAGMESH_WORKER_SLOTS: '1',
  });
  const pids = [await pidOfTask(session), await pidOfTask(session), await pidOfTask(session)];
  expect(pids[1]).toBe(pids[0]);
  expect(pids[2]).not.toBe(pids[0]);
});

test('a child whose task broke something behind its back is replaced', async () => {
  const session = await connected({ DAGMESH_WORKER_SLOTS: '1' });
  const before = await pidOfTask(session);
  await runToReport(session, aLease('ends.rejects_unhandled'));
  expect(await pidOfTask(session)).not.toBe(before);
});

test('idle children end, but for one', async () => {
  const { session, worker } = await connectWorker(fake, { DAGMESH_WORKER_CHILD_IDLE_MS: '100' });
  session.keepAlive();
  let isOpen = false;
  fake.answer('getVariable', () => ({ value: isOpen ? 'open' : 'shut' }));
  session.lease(aLease('talks.at_the_door'), aLease('talks.at_the_door'));
  for (let seen = 0; seen < 2; ) seen += (await session.next('accepted')).attemptIds.length;
  isOpen = true;
  const pids = new Set((await reportsOf(session, 2)).map(valueOf));
  expect(pids.size).toBe(2);
  await until(() => childrenLeft(worker) === 1, 'one child is left');
});

test('tasks that share a child keep their output apart', async () => {
  const session = await connected({ DAGMESH_WORKER_ATTEMPTS_PER_CHILD: '2' });
  const ada = aLease('talks.side_by_side', { paramsJson: '{"name":"ada"}' });
  const bob = aLease('talks.side_by_side', { paramsJson: '{"name":"bob"}' });
  session.lease(ada, bob);
  const reports = await reportsOf(session, 2);
  expect(new Set(reports.map(valueOf)).size).toBe(1);
  const said = (name: string) => [`${name} 0`, `${name} 1`, `${name} 2`, `${name} done`];
  for (const [lease, name] of [
    [ada, 'ada'],
    [bob, 'bob'],
  ] as const) {
    await until(() => fake.logs.messages(lease.attemptId).length === 4, `the log of ${name}`);
    expect(fake.logs.messages(lease.attemptId)).toEqual(said(name));
  }
});

test('an error that nobody caught hits only the task it came from', async () => {
  const session = await connected({ DAGMESH_WORKER_ATTEMPTS_PER_CHILD: '2' });
  const culprit = aLease('ends.rejects_unhandled');
  const neighbour = aLease('ends.winds_up');
  session.lease(culprit, neighbour);
  const [report] = await reportsOf(session, 1);
  expect(report).toMatchObject({
    attemptToken: culprit.attemptToken,
    error: { message: 'forgotten promise' },
  });
  expect((await session.next('heartbeat')).attemptIds).toContain(neighbour.attemptId);
});

test('a DAG file that was changed, or a file it imports, is run as it is now', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dagmesh-dags-'));
  try {
    cpSync(DAGS_FOLDER, folder, { recursive: true });
    const dagFile = join(folder, 'greeting.ts');
    const words = join(folder, 'words.ts');
    writeFileSync(words, `export const word = 'hello';\n`);
    writeFileSync(
      dagFile,
      `import { word } from './words.ts';\nexport const greet = () => word + 1;\n`,
    );
    const session = await connected({ DAGMESH_DAGS_FOLDER: folder });
    const greet = async () =>
      valueOf(await runToReport(session, aLease('x.greet', { handler: 'greeting.ts:greet' })));
    expect(await greet()).toBe('hello1');
    writeFileSync(dagFile, readFileSync(dagFile, 'utf8').replace('word + 1', 'word + 22'));
    expect(await greet()).toBe('hello22');
    writeFileSync(words, `export const word = 'good evening';\n`);
    expect(await greet()).toBe('good evening22');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a file that cannot be imported fails its tasks until it is mended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dagmesh-dags-'));
  try {
    const file = join(folder, 'broken.ts');
    writeFileSync(file, `export const run = () => {;\n`);
    const session = await connected({ DAGMESH_DAGS_FOLDER: folder, DAGMESH_WORKER_SLOTS: '1' });
    const run = () => runToReport(session, aLease('x.run', { handler: 'broken.ts:run' }));
    const broken = await run();
    expect(broken).toMatchObject({ outcome: Outcome.FAILED, error: { isFinal: false } });
    writeFileSync(file, `export const run = () => 'mended';\n`);
    expect(valueOf(await run())).toBe('mended');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('children do not know the token of the worker', async () => {
  const session = await connected({ DAGMESH_CLUSTER_KEY: 'cluster-key' });
  expect(valueOf(await runToReport(session, aLease('talks.its_token')))).toEqual({
    token: 'unset',
    key: 'unset',
  });
});

test('the calls of a task reach the mesh with the token of its attempt', async () => {
  const session = await connected();
  const seen: Record<string, unknown>[] = [];
  const answering = (answer: Record<string, unknown>) => (request: Record<string, unknown>) => {
    seen.push(request);
    return answer;
  };
  fake.answer('setVariable', answering({}));
  fake.answer('pushXCom', answering({}));
  fake.answer('triggerDagRun', answering({ runId: 'manual__42' }));
  fake.answer('getTaskStates', answering({ states: { extract: 'success' } }));
  fake.answer('pullXCom', answering({ valueJson: '[7]' }));
  fake.answer('getVariable', (request) => {
    seen.push(request);
    if (request['key'] === 'missing') throw new Refusal(status.NOT_FOUND, 'there is none');
    return { value: 'green' };
  });

  const report = await runToReport(session, aLease('talks.calls', { attemptId: 'caller' }));

  expect(valueOf(report)).toEqual({
    colour: 'green',
    missing: 'nothing',
    upstream: [7],
    states: { extract: 'success' },
    runId: 'manual__42',
  });
  expect(new Set(seen.map(({ attemptToken }) => attemptToken))).toEqual(
    new Set(['token-of-caller']),
  );
  expect(seen).toMatchObject([
    { key: 'colour', value: 'green', description: 'of the door' },
    { xcom: { key: 'rows', valueJson: '[1,2]' } },
    { dagId: 'other', key: '1', confJson: '{"deep":true}' },
    { key: 'colour' },
    { key: 'missing' },
    { taskId: 'extract', key: 'rows' },
    {},
  ]);
});

test('a call that is refused rejects with the words of the mesh', async () => {
  const session = await connected();
  fake.answer('getConnection', () => {
    throw new Refusal(status.PERMISSION_DENIED, 'declare the connection "store"');
  });
  const { error } = await runToReport(session, aLease('talks.secrets'));
  expect(error).toMatchObject({
    errorClass: 'CallError',
    message: 'declare the connection "store"',
  });
});

test('a task is told who it is and which data it is about', async () => {
  const session = await connected();
  const day = (date: string) => timestampFromDate(new Date(date));
  const lease = aLease('talks.its_context', {
    attemptId: 'the-attempt',
    epoch: 7n,
    tryNumber: 2,
    triesMax: 3,
    runType: 'scheduled',
    logicalDate: day('2012-01-01'),
    dataIntervalStart: day('2012-01-01'),
    dataIntervalEnd: day('2012-01-02'),
    runAfter: day('2012-01-02'),
    waitingSince: day('2012-01-03'),
    reschedulesCount: 4,
    expandedTiCount: 5,
    partitionKey: 'north',
  });
  expect(valueOf(await runToReport(session, lease))).toEqual({
    dagId: 'talks',
    runId: 'manual__1',
    taskId: 'its_context',
    mapIndex: -1,
    tryNumber: 2,
    triesMax: 3,
    attemptId: 'the-attempt',
    epoch: 7,
    runType: 'scheduled',
    logicalDate: '2012-01-01T00:00:00.000Z',
    dataInterval: { start: '2012-01-01T00:00:00.000Z', end: '2012-01-02T00:00:00.000Z' },
    runAfter: '2012-01-02T00:00:00.000Z',
    waitingSince: '2012-01-03T00:00:00.000Z',
    reschedulesCount: 4,
    expandedTiCount: 5,
    partitionKey: 'north',
    triggeringAssetEvents: [],
    tools: 6,
    params: {},
    inputs: {},
  });
});
