// How work is found: by tickets over a real nats-server, by asking schedulers directly, and when
// the doorbell fails.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import { LeaseTicketSchema } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import { type Bus, connectBus } from '#kernel/bus/bus.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { createLog } from '#kernel/log/log.ts';
import { startNats, type TestNats } from '../../tests/kit/nats.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh } from './testing/mesh.ts';
import type { TestScheduler, TestTask } from './testing/scheduler.ts';
import { beat, joinWorker, type TestWorker } from './testing/worker.ts';

let nats: TestNats;
let doorbell: Bus;
let mesh: TestMesh;
beforeAll(async () => {
  nats = await startNats();
  doorbell = await connectBus({
    url: nats.url,
    log: createLog('test', 'silent'),
    clock: systemClock,
  });
  await until(() => doorbell.connected(), 'the bus is connected');
});
afterEach(() => mesh.stop());
afterAll(async () => {
  await doorbell.close();
  await nats.stop();
});

const until = (condition: () => boolean, what: string) =>
  eventually(condition, { deadlineMs: 60_000, what, pollMs: 2 });

/** A mesh whose safety poll is out of the way. */
const startRinging = async (options: Parameters<typeof startTestMesh>[0] = {}) => {
  mesh = await startTestMesh({ natsUrl: nats.url, timing: { reringMs: 600_000 }, ...options });
  return mesh;
};

/** Queues tasks and rings for them, as a scheduler does. */
async function ring(scheduler: TestScheduler, tasks: readonly TestTask[], id = scheduler.id) {
  scheduler.enqueue(...tasks);
  const queues = Map.groupBy(tasks, ({ queue = 'default' }) => queue);
  for (const [queue, { length }] of queues) {
    for (let from = 0; from < length; from += 25) {
      const count = Math.min(25, length - from);
      const ticket = { ticketId: `t-${from}`, schedulerId: id, count };
      await doorbell.publishTicket(queue, create(LeaseTicketSchema, ticket));
    }
  }
}

/** Reports success for every lease as it comes, and stops when the test ends it. */
function workOff(worker: TestWorker): { stop(): void } {
  let done = 0;
  const stopping = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      for (const lease of worker.leases.slice(done)) worker.finish(lease);
      done = worker.leases.length;
      await systemClock.sleep(1, stopping.signal);
    }
  };
  void run();
  return { stop: () => stopping.abort() };
}

test('a ticket brings leases for all free slots of its queue', async () => {
  const { scheduler } = await startRinging();
  const worker = await joinWorker(mesh.worker, { slots: 3 });
  await ring(scheduler, [{ taskId: 'a' }, { taskId: 'b' }]);
  await worker.lease(2);
  expect(scheduler.leaseCalls).toHaveLength(1);
  expect(scheduler.leaseCalls[0]).toMatchObject({
    ticketIds: ['t-0'],
    offers: [{ workerId: 'worker-1', slots: 3, queues: ['default'] }],
  });
});

test('tickets of queues that nobody here serves stay for others', async () => {
  const { scheduler } = await startRinging();
  const worker = await joinWorker(mesh.worker, { queues: ['gpu'] });
  await ring(scheduler, [{ taskId: 'cpu', queue: 'cpu' }]);
  await ring(scheduler, [{ taskId: 'gpu', queue: 'gpu' }]);
  expect((await worker.lease(1)).taskId).toBe('gpu');
  expect(scheduler.queued).toMatchObject([{ taskId: 'cpu' }]);
  const other = await joinWorker(mesh.worker, { workerId: 'other', queues: ['cpu'] });
  expect((await other.lease(1)).taskId).toBe('cpu');
});

test('forged tickets and those of schedulers that are gone stop nothing', async () => {
  const { scheduler } = await startRinging();
  const worker = await joinWorker(mesh.worker);
  await ring(scheduler, [{ taskId: 'a' }], 'a scheduler that is gone');
  await ring(scheduler, [{ taskId: 'b' }]);
  await worker.lease(1);
  expect(scheduler.live.size).toBe(1);
});

test('a doubled ticket grants nothing twice', async () => {
  const { scheduler } = await startRinging();
  const worker = await joinWorker(mesh.worker, { slots: 5 });
  await ring(scheduler, [{ taskId: 'a' }]);
  await ring(scheduler, []);
  const ticket = create(LeaseTicketSchema, {
    ticketId: 't-0',
    schedulerId: scheduler.id,
    count: 1,
  });
  await doorbell.publishTicket('default', ticket);
  await doorbell.publishTicket('default', ticket);
  await until(() => scheduler.leaseCalls.length >= 2, 'the ticket was used more than once');
  expect(worker.leases).toHaveLength(1);
});

test('a ticket whose scheduler does not answer is used when it does', async () => {
  const { scheduler } = await startRinging();
  const worker = await joinWorker(mesh.worker);
  scheduler.failure = 'unreachable';
  await ring(scheduler, [{ taskId: 'a' }]);
  await systemClock.sleep(50);
  scheduler.failure = undefined;
  expect((await worker.lease(1)).taskId).toBe('a');
});

test('many tickets are worked off through one slot after another', async () => {
  const { scheduler } = await startRinging();
  const worker = await joinWorker(mesh.worker, { slots: 16 });
  const working = workOff(worker);
  const count = 2_000;
  await ring(
    scheduler,
    Array.from({ length: count }, () => ({})),
  );
  await until(() => scheduler.recorded.length === count, 'all are done');
  working.stop();
  expect(new Set(scheduler.recorded.map(({ attemptId }) => attemptId)).size).toBe(count);
});

test('a scheduler with an endless chain does not starve another one', async () => {
  const { schedulers } = await startRinging({ schedulersCount: 2 });
  const [busy, modest] = schedulers as [TestScheduler, TestScheduler];
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  const working = workOff(worker);
  busy.enqueue(...Array.from({ length: 50_000 }, () => ({})));
  await ring(busy, [{}]);
  await until(() => busy.recorded.length > 100, 'the first scheduler keeps the slots busy');
  await ring(modest, [{ taskId: 'single' }]);
  await until(() => modest.recorded.length === 1, 'the other one gets its turn');
  expect(busy.recorded.length).toBeLessThan(10_000);
  working.stop();
});

test('work flows on when nats-server is gone, and when it is back and empty', async () => {
  const { scheduler } = await startRinging();
  const worker = await joinWorker(mesh.worker);
  const working = workOff(worker);
  await ring(scheduler, [{ taskId: 'by_ticket' }]);
  await until(() => scheduler.recorded.length === 1, 'the first is done');
  await nats.kill();
  await until(() => !doorbell.connected(), 'the bus is gone');
  scheduler.enqueue({ taskId: 'directly' });
  await until(() => scheduler.recorded.length === 2, 'the second is done');
  await nats.restart({ wipe: true });
  await until(() => doorbell.connected(), 'the bus is back');
  const calls = scheduler.leaseCalls.length;
  await until(() => scheduler.leaseCalls.length >= calls, 'the executor looks on');
  await ring(scheduler, [{ taskId: 'by_ticket_again' }]);
  await until(() => scheduler.recorded.length === 3, 'the third is done');
  working.stop();
});

test('work that nobody rang for is found by the safety poll', async () => {
  const { scheduler } = await startRinging({ timing: { reringMs: 200 } });
  const worker = await joinWorker(mesh.worker, { queues: ['quiet'] });
  const beating = beat(worker, []);
  await until(() => scheduler.leaseCalls.length > 0, 'the first poll found nothing');
  scheduler.queued.push({ taskId: 'silent', queue: 'quiet' });
  expect((await worker.lease(1)).taskId).toBe('silent');
  beating.stop();
  expect(scheduler.leaseCalls.every(({ ticketIds }) => ticketIds.length === 0)).toBe(true);
});

test('without a bus, a scheduler is asked once and answers when work comes', async () => {
  mesh = await startTestMesh();
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  await until(() => scheduler.leaseCalls.length === 1, 'the scheduler was asked');
  await systemClock.sleep(300);
  expect(scheduler.leaseCalls).toHaveLength(1);
  scheduler.enqueue({ taskId: 'a' });
  expect((await worker.lease(1)).taskId).toBe('a');
});

test('without a bus, thousands of tasks are worked off directly', async () => {
  mesh = await startTestMesh();
  const { scheduler } = mesh;
  const working = workOff(await joinWorker(mesh.worker, { slots: 16 }));
  const count = 2_000;
  scheduler.enqueue(...Array.from({ length: count }, () => ({})));
  await until(() => scheduler.recorded.length === count, 'all are done');
  working.stop();
});

test('without a bus, one slot serves two schedulers in turns', async () => {
  mesh = await startTestMesh({ schedulersCount: 2 });
  const [busy, modest] = mesh.schedulers as [TestScheduler, TestScheduler];
  const working = workOff(await joinWorker(mesh.worker));
  busy.enqueue(...Array.from({ length: 50_000 }, () => ({})));
  await until(() => busy.recorded.length > 100, 'the first scheduler keeps the slot busy');
  modest.enqueue({ taskId: 'single' });
  await until(() => modest.recorded.length === 1, 'the other one gets its turn');
  expect(busy.recorded.length).toBeLessThan(10_000);
  working.stop();
});

test('a worker that joins while a question waits is served as well', async () => {
  mesh = await startTestMesh();
  const { scheduler } = mesh;
  const first = await joinWorker(mesh.worker, { workerId: 'first' });
  await until(() => scheduler.leaseCalls.length === 1, 'the scheduler was asked for the first');
  const second = await joinWorker(mesh.worker, { workerId: 'second' });
  const beating = [beat(first, []), beat(second, [])];
  scheduler.enqueue({ taskId: 'a' }, { taskId: 'b' });
  await until(() => first.leases.length + second.leases.length === 2, 'both have work');
  expect([first.leases.length, second.leases.length]).toEqual([1, 1]);
  for (const each of beating) each.stop();
});
