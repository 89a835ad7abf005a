// Brings outcomes to the schedulers that own them, in batches, until each is answered; and with each batch offers the slots
// that it frees, so that the next leases come back in the same answer.
//
// An outcome is queued in the lane of its owner → sent with what else is queued there → answered. When the owner is unknown,
// gone, or not the owner any more, the outcome waits a moment and is queued again, wherever its owner is then. It stays here
// until a scheduler has answered or this executor stops; its worker keeps it as well. There is at most one per live attempt.
import type { AttemptLease } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { type AttemptResult, AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { isRetryable, messageOf, reasonOf } from '#kernel/errors/errors.ts';
import type { SchedulerPeer, Topology } from '#kernel/rpc/topology.ts';
import type { ResultInit } from '../backends/link.ts';
import { type Offer, settle, takeOffer, toSlotOffers } from '../core/credit.ts';
import { takeFrame } from '../core/frames.ts';
import { FRAME_SIZE } from '../core/limits.ts';
import { type OutcomeInit, xcomsSize } from '../core/report.ts';
import type { AttemptName, Roster, WorkerEntry } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';

/** The end of one attempt, on its way to the attempt's scheduler. */
export type Report = AttemptName & {
  readonly workerId: string;
  readonly outcome: OutcomeInit;
  /** Whose words the outcome is. */
  readonly origin: 'worker' | 'mesh';
  /** Called once, after the scheduler's commit or refusal. */
  readonly answer: (result: ResultInit) => void;
};

/** Brings reports to schedulers. */
export type Reporter = {
  /**
   * Takes a report. A second one for the same attempt changes nothing and gets the answer of the first. False, and no
   * answer, for what a worker says of an attempt that the mesh is giving up: it comes too late.
   */
  submit(report: Report): boolean;
  /** True while the end of this attempt is under way. */
  has(attemptId: string): boolean;
  /** The attempts whose end is under way. */
  pending(): Iterable<Report>;
  /** Resolves when every report is answered, or when the signal aborts. */
  idle(signal: AbortSignal): Promise<void>;
  /** Gives up what is not answered; workers offer it again to another executor. */
  stop(): void;
};

/** What the reporter works with. */
export type ReporterOptions = {
  readonly executorId: string;
  readonly roster: Roster;
  readonly topology: Pick<Topology, 'schedulerOf' | 'schedulers' | 'onChange'>;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  /** Takes the leases that an answer brought. */
  readonly onLeases: (leases: readonly AttemptLease[]) => void;
  /** Called when slots may have become free. */
  readonly onCredit: () => void;
  /** False while other work waits for slots like this worker's. */
  readonly mayHop: (worker: WorkerEntry, schedulerId: string) => boolean;
};

type Pending = {
  readonly report: Report;
  readonly answers: Report['answer'][];
  readonly sinceMs: number;
  triesCount: number;
  /** The worker whose slot leaves with this report. */
  hop: WorkerEntry | undefined;
};

type Lane = {
  readonly scheduler: SchedulerPeer;
  readonly queue: Pending[];
  isRunning: boolean;
  /** Aborts when the scheduler left the mesh. */
  readonly gone: AbortController;
};

/** Most outcomes in one call, as the contract has it. */
const BATCH_MAX = 5_000;

/** Deadline of one call; what was committed and not answered is answered again. */
const REPORT_TIMEOUT_MS = 5_000;

/** Most slots one worker offers with its reports. */
const HOP_SLOTS_MAX = 10_000;

/** Starts with nothing under way. */
export function createReporter(options: ReporterOptions): Reporter {
  const { clock, events, roster, topology } = options;
  const reports = new Map<string, Pending>();
  const lanes = new Map<string, Lane>();
  const timers = new Set<{ cancel(): void }>();
  const stopping = new AbortController();
  let emptied = Promise.withResolvers<void>();

  const route = (pending: Pending) => {
    const scheduler = topology.schedulerOf(pending.report.partition);
    if (scheduler === undefined) return later([pending]);
    const lane = laneOf(lanes, scheduler);
    pending.hop = roster.workers.get(pending.report.workerId);
    if (pending.hop !== undefined) pending.hop.hopsCount += 1;
    lane.queue.push(pending);
    if (!lane.isRunning) void run(lane);
  };
  const later = (batch: readonly Pending[]) => {
    if (stopping.signal.aborted) return;
    const attempt = Math.min(...batch.map(({ triesCount }) => triesCount));
    for (const pending of batch) pending.triesCount += 1;
    events.reportsDelayed(batch.length);
    const timer = clock.timer(backoffMs({ attempt, firstMs: 20, maxMs: 1_000 }), () => {
      timers.delete(timer);
      for (const pending of batch) route(pending);
    });
    timers.add(timer);
  };
  const run = async (lane: Lane) => {
    lane.isRunning = true;
    // One turn of the microtask queue, so that what is reported in the same breath leaves in the same call.
    await Promise.resolve();
    while (lane.queue.length > 0 && !stopping.signal.aborted) {
      const limits = { sizeOf: sizeOfReport, sizeMax: FRAME_SIZE, countMax: BATCH_MAX };
      await flush(lane, takeFrame(lane.queue, limits));
    }
    lane.isRunning = false;
  };
  const flush = async (lane: Lane, batch: readonly Pending[]): Promise<void> => {
    const workers = new Set(batch.flatMap(({ hop }) => hop ?? []));
    for (const pending of batch) unhop(pending);
    const offers = hopOffers(workers, (worker) => options.mayHop(worker, lane.scheduler.id));
    try {
      const signal = AbortSignal.any([lane.gone.signal, stopping.signal]);
      const response = await lane.scheduler.client.reportAttempts(
        {
          executorId: options.executorId,
          outcomes: batch.map(({ report }) => report.outcome),
          offers: toSlotOffers(offers),
        },
        { signal, timeoutMs: REPORT_TIMEOUT_MS },
      );
      settle(offers);
      for (const [index, pending] of batch.entries()) finish(pending, response.results[index]);
      options.onLeases(response.leases);
    } catch (error) {
      settle(offers);
      if (!stopping.signal.aborted) await onFailure(lane, batch, error);
    }
    options.onCredit();
  };
  /** One misdirected or poisonous outcome must not hold up the others: batches are split until it is alone. */
  const onFailure = async (lane: Lane, batch: readonly Pending[], error: unknown) => {
    events.reportsFailed(lane.scheduler.id, error);
    const isElsewhere = reasonOf(error) === 'not_owner';
    if (lane.gone.signal.aborted || (isRetryable(error) && !isElsewhere)) return later(batch);
    const partitions = Map.groupBy(batch, ({ report }) => report.partition);
    if (partitions.size > 1) {
      for (const part of partitions.values()) await flush(lane, part);
    } else if (isElsewhere) {
      later(batch);
    } else if (batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      await flush(lane, batch.slice(0, middle));
      await flush(lane, batch.slice(middle));
    } else {
      for (const pending of batch) refuse(pending, error);
    }
  };
  const refuse = (pending: Pending, error: unknown) => {
    const { attemptId } = pending.report;
    events.reportRefused(pending.report, error);
    finish(pending, { attemptId, status: AttemptStatus.REFUSED, reason: messageOf(error) });
  };
  const finish = (pending: Pending, result: AttemptResult | ResultInit | undefined) => {
    if (result === undefined) return later([pending]);
    reports.delete(pending.report.attemptId);
    events.reported(pending.report, result, clock.monotonicMs() - pending.sinceMs);
    for (const answer of pending.answers) answer(result);
    if (reports.size === 0) emptied.resolve();
  };

  topology.onChange(() => {
    const living = new Set(topology.schedulers().map(({ id }) => id));
    for (const [id, lane] of lanes) {
      if (living.has(id)) continue;
      lanes.delete(id);
      lane.gone.abort();
    }
  });

  return {
    submit: (report) => {
      const known = reports.get(report.attemptId);
      if (known !== undefined) {
        if (known.report.origin !== report.origin) return false;
        known.answers.push(report.answer);
        return true;
      }
      const sinceMs = clock.monotonicMs();
      const pending = { report, answers: [report.answer], sinceMs, triesCount: 0, hop: undefined };
      reports.set(report.attemptId, pending);
      route(pending);
      return true;
    },
    has: (attemptId) => reports.has(attemptId),
    pending: () => [...reports.values()].map(({ report }) => report),
    idle: async (signal) => {
      emptied = Promise.withResolvers();
      if (reports.size === 0 || signal.aborted) return;
      const giveUp = () => emptied.resolve();
      signal.addEventListener('abort', giveUp);
      await emptied.promise;
      signal.removeEventListener('abort', giveUp);
    },
    stop: () => {
      stopping.abort();
      for (const timer of timers) timer.cancel();
      timers.clear();
    },
  };
}

function laneOf(lanes: Map<string, Lane>, scheduler: SchedulerPeer): Lane {
  const known = lanes.get(scheduler.id);
  if (known !== undefined) return known;
  const lane: Lane = { scheduler, queue: [], isRunning: false, gone: new AbortController() };
  lanes.set(scheduler.id, lane);
  return lane;
}

/** All free slots of the workers that report, for one commit to fill. */
function hopOffers(
  workers: ReadonlySet<WorkerEntry>,
  mayHop: (worker: WorkerEntry) => boolean,
): Offer[] {
  return [...workers].flatMap((worker) =>
    mayHop(worker) ? (takeOffer(worker, HOP_SLOTS_MAX) ?? []) : [],
  );
}

function unhop(pending: Pending): void {
  if (pending.hop !== undefined) pending.hop.hopsCount -= 1;
  pending.hop = undefined;
}

function sizeOfReport({ report }: Pending): number {
  const { xcoms = [], error } = report.outcome;
  const texts = (error?.message?.length ?? 0) + (error?.stack?.length ?? 0);
  return 256 + texts + xcomsSize(xcoms);
}
