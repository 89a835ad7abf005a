// Ending a task from outside: the whole process group goes, and the mesh is told how far it got.
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CancelMode, Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { CancelStep } from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { aLease, nextReport, runToReport } from '../testkit/a-lease.ts';
import { type FakeExecutor, startFakeExecutor } from '../testkit/fake-executor.ts';
import type { FakeSession } from '../testkit/fake-session.ts';
import { isAlive } from '../testkit/programs.ts';
import { connectWorker, stopWorkers } from '../testkit/start-worker.ts';
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

/** Starts a task and waits until its log says something. */
async function started(
  session: FakeSession,
  task: string,
  words: RegExp,
): Promise<{ attemptId: string; line: string }> {
  const { attemptId, ...lease } = aLease(task);
  session.lease({ attemptId, ...lease });
  const find = () => fake.logs.messages(attemptId).find((message) => words.test(message));
  await until(() => find() !== undefined, `${task} says ${words.source}`);
  return { attemptId, line: find() ?? '' };
}

function cancel(session: FakeSession, attemptId: string, mode: CancelMode, graceMs = 300): void {
  const value = {
    attemptIds: [attemptId],
    mode,
    grace: durationFromMs(graceMs),
    reason: 'asked to',
  };
  session.say({ case: 'cancel', value });
}

async function stepsOf(session: FakeSession, count: number): Promise<CancelStep[]> {
  const steps: CancelStep[] = [];
  while (steps.length < count) steps.push((await session.next('cancelProgress')).step);
  return steps;
}

test('a task that traps TERM, and the program it started, are killed after the grace', async () => {
  const session = await connected();
  const { attemptId, line } = await started(session, 'ends.traps_term', /^pids/);
  await until(() => fake.logs.messages(attemptId).includes('ready'), 'the program is ready');
  const pids = line.split(' ').slice(1).map(Number);
  expect(pids.every(isAlive)).toBe(true);

  cancel(session, attemptId, CancelMode.GRACEFUL);

  const report = await nextReport(session);
  expect(report).toMatchObject({ outcome: Outcome.CANCELLED, reason: 'asked to' });
  expect(pids.some(isAlive)).toBe(false);
  expect(await stepsOf(session, 3)).toEqual([
    CancelStep.SIGNALLED,
    CancelStep.KILLED,
    CancelStep.EXITED,
  ]);
  await until(() => fake.logs.messages(attemptId).includes('asked to'), 'the log says why');
  expect(fake.logs.messages(attemptId)).toContain('TERM? never heard of it');
});

test('a task that watches its signal may wind up', async () => {
  const session = await connected();
  const { attemptId } = await started(session, 'ends.winds_up', /working/);
  cancel(session, attemptId, CancelMode.GRACEFUL, 10_000);
  expect((await nextReport(session)).outcome).toBe(Outcome.CANCELLED);
  expect(await stepsOf(session, 2)).toEqual([CancelStep.SIGNALLED, CancelStep.EXITED]);
  await until(
    () => fake.logs.messages(attemptId).includes('winding up because: asked to'),
    'the task has seen its signal',
  );
});

test('a task that does not watch its signal ends long before the grace is over', async () => {
  const session = await connected();
  const { attemptId } = aLease('ends.sleeps');
  session.lease(aLease('ends.sleeps', { attemptId }));
  await session.next('accepted');
  const sinceMs = performance.now();
  cancel(session, attemptId, CancelMode.GRACEFUL, 60_000);
  expect((await nextReport(session)).outcome).toBe(Outcome.CANCELLED);
  expect(performance.now() - sinceMs).toBeLessThan(30_000);
});

test('a kill does not ask first', async () => {
  const session = await connected();
  const { attemptId } = await started(session, 'ends.winds_up', /working/);
  cancel(session, attemptId, CancelMode.KILL, 10_000);
  expect((await nextReport(session)).outcome).toBe(Outcome.CANCELLED);
  expect(await stepsOf(session, 2)).toEqual([CancelStep.KILLED, CancelStep.EXITED]);
});

test('a cancel of an attempt that is not here is answered so', async () => {
  const session = await connected();
  cancel(session, 'never-leased', CancelMode.GRACEFUL);
  expect(await session.next('cancelProgress')).toMatchObject({
    attemptId: 'never-leased',
    step: CancelStep.UNKNOWN,
  });
});

test('after a cancel the slot is free and the next task runs in a clean child', async () => {
  const session = await connected({ DAGMESH_WORKER_SLOTS: '1' });
  const { attemptId, line } = await started(session, 'ends.spins', /^pid/);
  cancel(session, attemptId, CancelMode.GRACEFUL);
  await nextReport(session);
  const report = await runToReport(session, aLease('talks.its_pid'));
  expect(report.outcome).toBe(Outcome.SUCCESS);
  expect(line).not.toContain(String(report.xcoms[0]?.valueJson));
});

test('in a shared child a cancel reaches only its own task', async () => {
  const session = await connected({ DAGMESH_WORKER_ATTEMPTS_PER_CHILD: '2' });
  const first = await started(session, 'ends.winds_up', /working/);
  const second = await started(session, 'ends.winds_up', /working/);

  cancel(session, first.attemptId, CancelMode.GRACEFUL, 10_000);

  const report = await nextReport(session);
  expect(report).toMatchObject({
    attemptToken: `token-of-${first.attemptId}`,
    outcome: Outcome.CANCELLED,
  });
  // Those from before it began are still to be heard.
  let beat = await session.next('heartbeat');
  while (!beat.attemptIds.includes(second.attemptId)) beat = await session.next('heartbeat');
});
