// For tests: a scheduler in memory that keeps the contract: it leases what is queued, and records
// each attempt once.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  AttemptEnd,
  type AttemptLeaseSchema,
  type AttemptOutcome,
  type LeaseAttemptsRequest,
  type RenewLeasesRequest,
  type ReportAttemptsRequest,
  type SchedulerService,
  type SlotOffer,
  type TriggerDagRunRequest,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { type CancelMode, LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { fromDuration, toDuration } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { PARTITIONS_COUNT } from '#kernel/partition/partition.ts';
import type { Handlers } from '#kernel/rpc/service.ts';

type LeaseInit = MessageInitShape<typeof AttemptLeaseSchema>;

/** A task that may be leased. */
export type TestTask = {
  readonly taskId?: string;
  readonly queue?: string;
  readonly inputsJson?: string;
  readonly inputs?: LeaseInit['inputs'];
  readonly isMappedOver?: boolean;
  readonly isResumed?: boolean;
  readonly connections?: readonly string[];
  readonly startWithinMs?: number;
  readonly paramsJson?: string;
  /** What else its lease says. */
  readonly lease?: Omit<MessageInitShape<typeof LeaseSchema>, '$typeName'>;
};

/** A lease that was granted and not ended yet. */
export type LiveLease = {
  readonly attemptId: string;
  readonly epoch: bigint;
  readonly partition: number;
  readonly dagRunId: string;
  readonly workerId: string;
  readonly taskId: string;
  readonly mapIndex: number;
};

/** A scheduler in memory. */
export type TestScheduler = {
  readonly id: string;
  /** Partitions it owns; change it and publish the map to move them. */
  partitions: readonly number[];
  readonly handlers: Handlers<typeof SchedulerService>;
  readonly queued: TestTask[];
  readonly live: Map<string, LiveLease>;
  /** What was recorded, once per attempt, in order. */
  readonly recorded: AttemptOutcome[];
  readonly leaseCalls: LeaseAttemptsRequest[];
  readonly reportCalls: ReportAttemptsRequest[];
  readonly renewals: RenewLeasesRequest[];
  readonly triggers: TriggerDagRunRequest[];
  /** Cancels that renewals bring back. */
  readonly cancels: Map<string, CancelMode>;
  /** While set, every call fails with this reason. */
  failure: 'unreachable' | 'not_owner' | undefined;
  /** While set, answers of ReportAttempts are lost after the commit. */
  losesAnswers: boolean;
  /** Outcomes that make a whole call fail, as a fault of ours would. */
  readonly poisonIds: Set<string>;
  /** Delay before answers, in milliseconds. */
  delayMs: number;
  /** Adds tasks and wakes whoever waits for work. */
  enqueue(...tasks: readonly TestTask[]): void;
  /** Ends an attempt as the mesh does, e.g. because its run was cancelled. */
  end(attemptId: string): void;
};

/** The DAG and run of all tasks of these tests. */
export const testRun = { dagId: 'etl', runId: 'manual__1', dagRunId: uuidV7() };

/** The `index`th of `count` schedulers that share the partitions evenly. */
export function createTestScheduler(index: number, count: number): TestScheduler {
  const queued: TestTask[] = [];
  const live = new Map<string, LiveLease>();
  const ends = new Map<string, AttemptEnd>();
  let arrived = new AbortController();
  let epoch = 0n;

  const check = async () => {
    if (scheduler.delayMs > 0) await systemClock.sleep(scheduler.delayMs);
    const { failure } = scheduler;
    if (failure !== undefined) throw fail(failure, 'as the test wants it');
  };
  const grant = (offers: readonly SlotOffer[]): LeaseInit[] => {
    const leases: LeaseInit[] = [];
    for (const { workerId, queues, slots } of offers) {
      for (let slot = 0; slot < slots; slot += 1) {
        const at = queued.findIndex(({ queue = 'default' }) => queues.includes(queue));
        const [task] = at < 0 ? [] : queued.splice(at, 1);
        if (task === undefined) break;
        epoch += 1n;
        leases.push(leaseOf(task, { workerId, epoch, partition: scheduler.partitions[0] ?? 0 }));
      }
    }
    for (const lease of leases) {
      const { attemptId = '', taskId = '', mapIndex = -1 } = lease.lease ?? {};
      const { partition = 0, dagRunId = '', workerId = '' } = lease;
      const granted = lease.lease?.epoch ?? 0n;
      const name = { attemptId, epoch: granted, partition, dagRunId };
      live.set(attemptId, { ...name, workerId, taskId, mapIndex });
    }
    return leases;
  };
  const record = (outcome: AttemptOutcome) => {
    const known = live.get(outcome.attemptId);
    const earlier = ends.get(outcome.attemptId);
    const isLive = known !== undefined && known.epoch === outcome.epoch;
    if (isLive) {
      live.delete(outcome.attemptId);
      ends.set(outcome.attemptId, outcome.end);
      scheduler.recorded.push(outcome);
      if (outcome.end === AttemptEnd.REJECTED) scheduler.enqueue({ taskId: known.taskId });
    }
    const isRepeated = earlier === outcome.end;
    const status = isLive || isRepeated ? AttemptStatus.RECORDED : AttemptStatus.STALE;
    return { attemptId: outcome.attemptId, status };
  };
  const notHere = async () => {
    throw fail('method_not_found', 'not part of this scheduler');
  };

  const scheduler: TestScheduler = {
    id: `scheduler-${index}`,
    partitions: Array.from({ length: PARTITIONS_COUNT }, (_, each) => each).filter(
      (partition) => partition % count === index,
    ),
    queued,
    live,
    recorded: [],
    leaseCalls: [],
    reportCalls: [],
    renewals: [],
    triggers: [],
    cancels: new Map(),
    failure: undefined,
    losesAnswers: false,
    delayMs: 0,
    poisonIds: new Set(),
    enqueue: (...tasks) => {
      queued.push(...tasks);
      arrived.abort();
      arrived = new AbortController();
    },
    end: (attemptId) => void live.delete(attemptId),
    handlers: {
      leaseAttempts: async (request, { signal }) => {
        await check();
        scheduler.leaseCalls.push(request);
        const waitMs = fromDuration(request.wait) ?? 0;
        const leases = grant(request.offers);
        if (leases.length > 0 || waitMs === 0) return { leases };
        await systemClock.sleep(waitMs, AbortSignal.any([arrived.signal, signal]));
        return { leases: signal.aborted ? [] : grant(request.offers) };
      },
      reportAttempts: async (request) => {
        await check();
        scheduler.reportCalls.push(request);
        if (request.outcomes.some(({ attemptId }) => scheduler.poisonIds.has(attemptId))) {
          throw fail('bad_request', 'as the test wants it');
        }
        const results = request.outcomes.map(record);
        if (scheduler.losesAnswers) throw fail('unreachable', 'the answer was lost');
        return {
          results,
          leases: grant(request.offers),
        };
      },
      renewLeases: async (request) => {
        await check();
        scheduler.renewals.push(request);
        const lostAttemptIds = request.workers.flatMap(({ workerId, attemptIds }) =>
          attemptIds.filter((attemptId) => live.get(attemptId)?.workerId !== workerId),
        );
        const held = new Set(request.workers.flatMap(({ attemptIds }) => attemptIds));
        const cancels = [...scheduler.cancels]
          .filter(([attemptId]) => held.has(attemptId))
          .map(([attemptId, mode]) => ({
            attemptId,
            mode,
            reason: 'as the test wants it',
          }));
        return {
          lostAttemptIds,
          cancels,
        };
      },
      triggerDagRun: async (request) => {
        scheduler.triggers.push(request);
        return {
          runId: request.runId || `manual__${request.requestId}`,
          dagRunId: uuidV7(),
        };
      },
      cancelDagRun: notHere,
      clearTaskInstances: notHere,
      setDagPaused: notHere,
      explain: notHere,
      explainDag: notHere,
      markTaskInstances: notHere,
      markDagRun: notHere,
      setNote: notHere,
      createBackfill: notHere,
      changeBackfill: notHere,
      respondHumanInput: notHere,
      pauseKey: notHere,
      attendTriggers: async function* () {
        yield await notHere();
      },
      reportTriggers: notHere,
    },
  };
  return scheduler;
}

function leaseOf(
  task: TestTask,
  grant: { readonly workerId: string; readonly epoch: bigint; readonly partition: number },
): LeaseInit {
  const { taskId = 'extract', queue = 'default', startWithinMs } = task;
  const lease = create(LeaseSchema, {
    attemptId: uuidV7(),
    epoch: grant.epoch,
    taskId,
    queue,
    mapIndex: -1,
    tryNumber: 1,
    dagId: testRun.dagId,
    runId: testRun.runId,
    handler: `etl.py:${taskId}`,
    inputsJson: task.inputsJson ?? '{}',
    paramsJson: task.paramsJson ?? '{}',
    ...(startWithinMs === undefined ? {} : { startWithin: toDuration(startWithinMs) }),
    ...task.lease,
  });
  return {
    lease,
    workerId: grant.workerId,
    partition: grant.partition,
    dagRunId: testRun.dagRunId,
    inputs: task.inputs ?? [],
    isMappedOver: task.isMappedOver ?? false,
    isResumed: task.isResumed ?? false,
    connections: [...(task.connections ?? [])],
  };
}
