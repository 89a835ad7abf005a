// Schedulers on a clock that stands still, over a metadata service in memory, with an executor that
// the test itself plays.
import type { LeaseTicket } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import { ExecutorService } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Bus } from '#kernel/bus/bus.ts';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import { createLog, type Log } from '#kernel/log/log.ts';
import { type Client, createDial } from '#kernel/rpc/client.ts';
import { createLocalMesh, type LocalMesh } from '#kernel/rpc/local.ts';
import { rpcService } from '#kernel/rpc/service.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { assembleScheduler } from '../assemble.ts';
import { createFakeMetadata, type FakeMetadata } from './fake-metadata.ts';

/** The spans of the worlds, in milliseconds. */
export const timing = {
  heartbeatMs: 5_000,
  leaseTtlMs: 15_000,
  sweepMs: 1_000,
  killGraceMs: 10_000,
  reringMs: 5_000,
  reconcileMs: 10_000,
  schedulerTtlMs: 1_500,
};

/** A scheduler of a world. */
export type TestScheduler = {
  readonly client: Client<typeof SchedulerService>;
  /** Stops it as an operator does. */
  stop(): Promise<void>;
  /** Ends it as a power cut does: it says nothing more to anybody. */
  kill(): void;
};

/** One world: its time, its metadata service, and what its schedulers said to others. */
export type World = {
  readonly clock: FakeClock;
  readonly metadata: FakeMetadata;
  /** Tickets that were rung, with their queues. */
  readonly tickets: { readonly queue: string; readonly ticket: LeaseTicket }[];
  /** Attempts that the executor was told to end. */
  readonly told: string[];
  /** What schedulers logged as errors: usually nothing. */
  readonly errors: unknown[];
  /** Starts a scheduler; it has its partitions when this resolves. */
  start(name: string): Promise<TestScheduler>;
  /** Lets time pass until the promise is settled, at most `limitMs` of it. */
  during<T>(work: Promise<T>, limitMs?: number): Promise<T>;
  /** Ends everything that was started. */
  end(): Promise<void>;
};

const clusterKey = 'a cluster key for tests';
const STEP_MS = 25;

/** A world without schedulers. */
export function createWorld(): World {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const log = logInto(errors);
  const mesh = createLocalMesh({ log });
  const metadata = createFakeMetadata(clock);
  const tickets: World['tickets'] = [];
  const told: string[] = [];
  mesh.mount('metadata', metadata.services);
  mesh.mount('e1', [executorService(told)]);
  const schedulers: TestScheduler[] = [];

  const during = async <T>(work: Promise<T>, limitMs = 600_000): Promise<T> => {
    let isSettled = false;
    const settled = work.finally(() => {
      isSettled = true;
    });
    settled.catch(() => undefined);
    for (let passedMs = 0; passedMs < limitMs && !isSettled; passedMs += STEP_MS) {
      await clock.advance(STEP_MS);
    }
    if (!isSettled) throw new Error(`not settled within ${limitMs} ms`);
    return settled;
  };

  return {
    clock,
    metadata,
    tickets,
    told,
    errors,
    during,
    start: async (name) => {
      const line = breakable(mesh);
      const service = assembleScheduler(
        {
          host: '127.0.0.1',
          port: 0,
          metricsPort: 0,
          advertiseAddress: `local:${name}`,
          metadataAddress: 'local:metadata',
          runIdPattern: /^[A-Za-z0-9_.~:+-]+$/u,
          priorityAgeMs: 3_600_000,
          taskQueuedTimeoutMs: 600_000,
          mappingMax: 100_000,
        },
        {
          dial: createDial({ caller: 'scheduler', clusterKey, local: line.mesh }),
          ...{ clock, log, clusterKey, timing },
          metrics: createMetrics(name),
          bus: busInto(tickets),
        },
      );
      mesh.mount(name, service.services);
      await service.start();
      const dial = createDial({ caller: 'standalone', clusterKey, local: mesh });
      const scheduler: TestScheduler = {
        client: dial(SchedulerService, `local:${name}`),
        stop: async () => {
          await during(service.stop());
          mesh.unmount(name);
        },
        kill: () => {
          line.cut();
          mesh.unmount(name);
        },
      };
      schedulers.push(scheduler);
      await clock.advance(timing.schedulerTtlMs);
      return scheduler;
    },
    end: async () => {
      for (const scheduler of schedulers) await scheduler.stop();
    },
  };
}

function executorService(told: string[]) {
  const unused = async (): Promise<never> => {
    throw fail('internal', 'no scheduler calls this');
  };
  return rpcService(
    ExecutorService,
    {
      cancelAttempts: async ({ attemptIds }) => {
        told.push(...attemptIds);
        return { toldCount: attemptIds.length };
      },
      listWorkers: unused,
      drainWorker: unused,
      readLog: async function* () {},
    },
    { callers: ['scheduler'] },
  );
}

function logInto(errors: unknown[]): Log {
  const log: Log = {
    ...createLog('test', 'silent'),
    error: (fields, message) => void errors.push({ message, ...fields }),
    child: () => log,
  };
  return log;
}

/** A mesh as one process sees it, until its line is cut. */
function breakable(mesh: LocalMesh): { readonly mesh: LocalMesh; cut(): void } {
  let isCut = false;
  const check = () => {
    if (isCut) throw fail('unreachable', 'the line is cut');
  };
  return {
    cut: () => {
      isCut = true;
    },
    mesh: {
      ...mesh,
      transportTo: (name, identity) => {
        const transport = mesh.transportTo(name, identity);
        return {
          unary: async (...call) => {
            check();
            const answer = await transport.unary(...call);
            check();
            return answer;
          },
          stream: async (...call) => {
            check();
            return transport.stream(...call);
          },
        };
      },
    },
  };
}

function busInto(tickets: World['tickets']): Bus {
  return {
    publishTicket: async (queue, ticket) => void tickets.push({ queue, ticket }),
    pullTickets: () => ({ want: () => undefined, stop: () => undefined }),
    connected: () => true,
    onConnection: () => undefined,
    close: async () => undefined,
  };
}
