// An executor as a test plays it: it leases, reports and renews by hand.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  AttemptEnd,
  type AttemptLease,
  type AttemptOutcomeSchema,
  type ReportAttemptsResponse,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { FakeMetadata } from './fake-metadata.ts';
import type { TestScheduler } from './world.ts';

type OutcomeInit = Exclude<
  MessageInitShape<typeof AttemptOutcomeSchema>,
  { readonly $typeName: string }
>;

/** Free slots of one worker on queue `default`. */
export function anOffer(slots: number, workerId = 'w1', queues: string[] = ['default']) {
  return { workerId, queues, slots };
}

/** Asks for work. */
export async function lease(
  { client }: TestScheduler,
  slots: number,
  options: {
    readonly waitMs?: number;
    readonly signal?: AbortSignal;
    readonly workerId?: string;
  } = {},
): Promise<AttemptLease[]> {
  const { waitMs, signal, workerId } = options;
  const { leases } = await client.leaseAttempts(
    {
      executorId: 'e1',
      offers: [anOffer(slots, workerId)],
      ...(waitMs === undefined ? {} : { wait: toDuration(waitMs) }),
    },
    { timeoutMs: 60_000, ...(signal === undefined ? {} : { signal }) },
  );
  return leases;
}

/** Reports how one attempt ended, and offers as many slots as `slots` says. */
export async function report(
  { client }: TestScheduler,
  leased: AttemptLease,
  end: AttemptEnd = AttemptEnd.SUCCESS,
  options: { readonly slots?: number; readonly more?: OutcomeInit } = {},
): Promise<ReportAttemptsResponse> {
  const { slots = 0, more = {} } = options;
  const { attemptId = '', epoch = 0n } = leased.lease ?? {};
  return client.reportAttempts(
    {
      executorId: 'e1',
      outcomes: [{ attemptId, epoch, end, ...more }],
      offers: slots === 0 ? [] : [anOffer(slots)],
    },
    { timeoutMs: 60_000 },
  );
}

/** Says that a worker holds these attempts. */
export async function renew(
  { client }: TestScheduler,
  leases: readonly AttemptLease[],
  workerId = 'w1',
) {
  const attemptIds = leases.map((each) => each.lease?.attemptId ?? '');
  return client.renewLeases({ executorId: 'e1', workers: [{ workerId, attemptIds }] });
}

let requestsCount = 0;

/** Triggers a run; answers its run_id. */
export async function trigger(
  { client }: TestScheduler,
  dagId: string,
  runId = '',
): Promise<string> {
  requestsCount += 1;
  const requestId = `request-${requestsCount}`;
  return (await client.triggerDagRun({ dagId, runId, actor: 'me', requestId })).runId;
}

/** The task_ids of leases, in their order. */
export function taskIdsOf(leases: readonly AttemptLease[]): string[] {
  return leases.map((each) => each.lease?.taskId ?? '');
}

/** The states of a run's task instances as they are committed: `{ t1: 'SUCCESS' }`. */
export function statesOf({ tables }: FakeMetadata, runId: string): Record<string, string> {
  const run = [...tables.runs.values()].find((each) => each.runId === runId);
  const rows = [...tables.instances.values()].filter((each) => each.dagRunId === run?.id);
  return Object.fromEntries(rows.map(({ taskId, state }) => [taskId, STATES.get(state) ?? '?']));
}

/** A run as it is committed. */
export function runOf({ tables }: FakeMetadata, runId: string) {
  return [...tables.runs.values()].find((each) => each.runId === runId);
}

const STATES: ReadonlyMap<number, string> = new Map(
  Object.entries(TaskInstanceState).map(([name, value]) => [value, name]),
);

/** Plays all that there is to do; what is named fails. */
export async function playAll(scheduler: TestScheduler, failing: readonly string[]): Promise<void> {
  for (let leases = await lease(scheduler, 9); leases.length > 0; ) {
    for (const each of leases) {
      const isFailing = failing.includes(each.lease?.taskId ?? '');
      await report(scheduler, each, isFailing ? AttemptEnd.FAILED : AttemptEnd.SUCCESS);
    }
    leases = await lease(scheduler, 9);
  }
}
