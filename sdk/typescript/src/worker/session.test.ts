// Losing the mesh and finding it again: what is held goes on, what is done is offered until it is
// recorded.
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus } from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { aLease, nextReport, record, runToReport } from '../testkit/a-lease.ts';
import { type FakeExecutor, startFakeExecutor } from '../testkit/fake-executor.ts';
import type { FakeSession } from '../testkit/fake-session.ts';
import { isAlive, untilGone } from '../testkit/programs.ts';
import { connectWorker, startWorker, stopWorkers } from '../testkit/start-worker.ts';
import { until } from '../testkit/until.ts';

/** For what happens when a lease runs out. */
const shortLease = { leaseTtl: durationFromMs(1_500) };

let fake: FakeExecutor;

beforeEach(async () => {
  fake = await startFakeExecutor();
});

afterEach(async () => {
  await stopWorkers();
  fake.stop();
});

/** Starts a task that tells its pid and then runs for ever. */
async function spinning(session: FakeSession): Promise<{ attemptId: string; pid: number }> {
  const lease = aLease('ends.spins');
  session.lease(lease);
  const line = () => fake.logs.messages(lease.attemptId).find((each) => each.startsWith('pid '));
  await until(() => line() !== undefined, 'the task spins');
  return { attemptId: lease.attemptId, pid: Number(line()?.slice(4)) };
}

test('a worker introduces itself and asks for as many leases as it has slots', async () => {
  startWorker(fake, { DAGMESH_WORKER_QUEUES: 'default,gpu', DAGMESH_WORKER_SLOTS: '3' });
  const session = await fake.session();
  expect(session.hello).toMatchObject({
    protocolVersion: 1,
    language: 'typescript',
    queues: ['default', 'gpu'],
    slots: 3,
    heldAttemptTokens: [],
    unacknowledged: [],
  });
  session.welcome();
  expect((await session.next('credit')).slots).toBe(3);
});

test('a lease is accepted when its code starts, and listed while it runs', async () => {
  const { session } = await connectWorker(fake);
  session.keepAlive();
  const { attemptId } = await spinning(session);
  expect((await session.next('accepted')).attemptIds).toEqual([attemptId]);
  expect((await session.next('heartbeat')).attemptIds).toEqual([attemptId]);
});

test('more leases than slots are rejected without having begun', async () => {
  const { session } = await connectWorker(fake, { DAGMESH_WORKER_SLOTS: '1' });
  session.keepAlive();
  await spinning(session);
  const report = await runToReport(session, aLease('ends.noop'));
  expect(report).toMatchObject({
    outcome: Outcome.REJECTED,
    reason: 'The worker has no free slot.',
  });
});

test('after a broken stream a worker comes back with what it holds and has done', async () => {
  const { session } = await connectWorker(fake);
  session.keepAlive();
  const running = await spinning(session);
  session.lease(aLease('ends.answers', { attemptId: 'done', paramsJson: '{}' }));
  await session.next('finished');

  session.break();

  const again = await fake.session();
  expect(again.hello.workerId).toBe(session.hello.workerId);
  expect(again.hello.heldAttemptTokens).toEqual([`token-of-${running.attemptId}`]);
  expect(again.hello.unacknowledged).toMatchObject([
    { attemptToken: 'token-of-done', outcome: Outcome.SUCCESS },
  ]);
  again.welcome({
    resumed: [
      { attemptId: 'done', status: AttemptStatus.RECORDED },
      { attemptId: running.attemptId, status: AttemptStatus.KEEP },
    ],
  });
  expect((await again.next('credit')).slots).toBe(1);
  expect(isAlive(running.pid)).toBe(true);
});

test('an outcome without a verdict is offered until there is one', async () => {
  const { session } = await connectWorker(fake);
  session.keepAlive();
  session.lease(aLease('ends.noop', { attemptId: 'done' }));
  await session.next('finished');
  session.break();
  const second = await fake.session();
  expect(second.hello.unacknowledged).toHaveLength(1);
  second.welcome();
  second.keepAlive();
  const { reports } = await second.next('finished');
  expect(reports.map(({ attemptToken }) => attemptToken)).toEqual(['token-of-done']);
  record(second, ...reports);
  expect((await runToReport(second, aLease('ends.noop'))).outcome).toBe(Outcome.SUCCESS);
  second.break();
  expect((await fake.session()).hello.unacknowledged).toEqual([]);
});

test('an attempt that is stale when its worker comes back is killed, not reported', async () => {
  const { session } = await connectWorker(fake);
  const { attemptId, pid } = await spinning(session);
  session.break();
  const again = await fake.session();
  again.welcome({ resumed: [{ attemptId, status: AttemptStatus.STALE }] });
  again.keepAlive();
  await untilGone(pid);
  const report = await runToReport(again, aLease('ends.noop'));
  expect(report.attemptToken).not.toBe(`token-of-${attemptId}`);
});

test('an attempt that a heartbeat calls lost is killed and its slot offered again', async () => {
  const { session } = await connectWorker(fake, { DAGMESH_WORKER_SLOTS: '1' });
  session.keepAlive();
  const { attemptId, pid } = await spinning(session);
  session.say({ case: 'heartbeatResult', value: { lostAttemptIds: [attemptId] } });
  await untilGone(pid);
  expect((await session.next('credit')).slots).toBe(1);
});

test('a worker that hears nothing until TTL − H gives everything up and starts clean', async () => {
  const { session, worker } = await connectWorker(fake, {}, shortLease);
  session.keepAlive();
  const { pid } = await spinning(session);
  session.fallSilent();
  await untilGone(pid);
  const again = await fake.session();
  expect(again.hello.heldAttemptTokens).toEqual([]);
  expect(worker.stderr()).toContain('heard nothing for too long');
});

test('a worker that slept longer than its lease gives its tasks up when it wakes', async () => {
  const { session, worker } = await connectWorker(fake, {}, shortLease);
  session.keepAlive();
  const { pid } = await spinning(session);
  worker.program.kill('SIGSTOP');
  // Nothing to wait for: the point is that time passes while the worker does not run.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  worker.program.kill('SIGCONT');
  await untilGone(pid);
});

test('a replaced token is used from then on', async () => {
  const { session } = await connectWorker(fake);
  session.keepAlive();
  const { attemptId } = await spinning(session);
  const refreshedTokens = [{ attemptId, attemptToken: 'token-of-second-life' }];
  session.say({ case: 'heartbeatResult', value: { refreshedTokens } });
  session.say({ case: 'cancel', value: { attemptIds: [attemptId], mode: 2 } });
  expect((await nextReport(session)).attemptToken).toBe('token-of-second-life');
});

test('a worker told to go away reconnects where it is sent', async () => {
  const other = await startFakeExecutor();
  const { session } = await connectWorker(fake);
  session.say({ case: 'goAway', value: { address: other.address } });
  const moved = await other.session();
  expect(moved.hello.workerId).toBe(session.hello.workerId);
  other.stop();
});

test('SIGTERM finishes what runs, gives back what does not, and exits with 0', async () => {
  const { session, worker } = await connectWorker(fake, { DAGMESH_WORKER_DRAIN_GRACE_MS: '10000' });
  session.keepAlive();
  const lease = aLease('ends.winds_up');
  session.lease(lease);
  await until(() => fake.logs.messages(lease.attemptId).includes('working'), 'the task works');

  worker.program.kill('SIGTERM');

  await session.next('drain');
  const late = await runToReport(session, aLease('ends.noop'));
  expect(late).toMatchObject({ outcome: Outcome.REJECTED, reason: 'The worker is leaving.' });
  session.say({ case: 'cancel', value: { attemptIds: [lease.attemptId], mode: 1 } });
  expect((await nextReport(session)).outcome).toBe(Outcome.CANCELLED);
  expect(await worker.exit).toBe(0);
  await session.closed;
});

test('a task that outlasts the drain grace is ended and may be tried again', async () => {
  const { session, worker } = await connectWorker(fake, { DAGMESH_WORKER_DRAIN_GRACE_MS: '100' });
  session.keepAlive();
  await spinning(session);
  worker.program.kill('SIGTERM');
  const report = await nextReport(session);
  expect(report).toMatchObject({ outcome: Outcome.FAILED, error: { isFinal: false } });
  expect(report.error?.message).toContain('did not end within 0.1 s');
  expect(await worker.exit).toBe(0);
});

test('a second signal ends worker and tasks at once', async () => {
  const { session, worker } = await connectWorker(fake, { DAGMESH_WORKER_DRAIN_GRACE_MS: '60000' });
  session.keepAlive();
  const { pid } = await spinning(session);
  worker.program.kill('SIGTERM');
  await session.next('drain');
  worker.program.kill('SIGTERM');
  expect(await worker.exit).toBe(1);
  await untilGone(pid);
});

test('no child outlives a worker that is killed', async () => {
  const { session, worker } = await connectWorker(fake, { DAGMESH_WORKER_SLOTS: '2' });
  session.keepAlive();
  const lease = aLease('ends.traps_term');
  session.lease(lease);
  const words = () => fake.logs.messages(lease.attemptId).join(' ');
  await until(() => words().includes('ready') && words().includes('pids'), 'the program runs');
  const pids = words()
    .match(/pids (\d+) (\d+)/)
    ?.slice(1);
  worker.program.kill('SIGKILL');
  for (const pid of pids ?? []) await untilGone(Number(pid));
  expect(pids).toHaveLength(2);
});

test('not even a task that never yields outlives a worker that is killed', async () => {
  const { session, worker } = await connectWorker(fake);
  session.keepAlive();
  const { pid } = await spinning(session);
  worker.program.kill('SIGKILL');
  await untilGone(pid);
});

test('a worker that the mesh will not have says why and exits with 1', async () => {
  const worker = startWorker(fake);
  const session = await fake.session();
  session.refuse('this token is not known');
  expect(await worker.exit).toBe(1);
  expect(worker.stderr()).toContain('this token is not known');
});
