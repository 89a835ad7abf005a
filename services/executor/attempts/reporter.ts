// Brings outcomes to the schedulers that own them, in batches, until each is answered; and with
// each batch offers the slots that it frees, so that the next leases come back in the same answer.
//
// An outcome is completed if something is missing → queued in the lane of its owner → sent with
// what else is queued there → answered. When the owner is unknown, gone, or not the owner any more,
// the outcome waits a moment and is queued again, wherever its owner is then. It stays here until a
// scheduler has answered or this executor stops; its worker keeps it as well. There is at most one
// per live attempt, and a worker that waits for many answers gets no more leases (`core/credit`).
import type { AttemptLease } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { type AttemptResult, AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Clock, Timer } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { isRetryable, messageOf, reasonOf } from '#kernel/errors/errors.ts';
import type { SchedulerPeer, Topology } from '#kernel/rpc/topology.ts';
import type { ResultInit } from '../backends/link.ts';
import { type Offer, settle, takeOffer, toSlotOffers } from '../core/credit.ts';
import { takeFrame } from '../core/frames.ts';
import { FRAME_SIZE } from '../core/limits.ts';
import type { OutcomeInit } from '../core/outcome.ts';
import type { Roster, WorkerEntry } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';
import { type Pending, type Report, sizeOfReport, stale, unhop } from './report.ts';

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

type Lane = {
  readonly scheduler: SchedulerPeer;
  readonly queue: Pending[];
  isRunning: boolean;
  /** Aborts when the scheduler left the mesh, or this executor stops. */
  readonly gone: AbortController;
};

/** Most outcomes in one call, as the contract has it. */
const BATCH_MAX = 5_000;

/** Who may wait for one answer; of more the oldest have long broken off. */
const ANSWERS_MAX = 8;

/** Deadline of one call; what was committed and not answered is answered again. */
const REPORT_TIMEOUT_MS = 5_000;

/** Most slots one worker offers with its reports. */
const HOP_SLOTS_MAX = 10_000;

/** Brings reports to schedulers. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #reports = new Map<string, Pending>();
  readonly #lanes = new Map<string, Lane>();
  readonly #timers = new Set<Timer>();
  #isStopped = false;
  #emptied = Promise.withResolvers<void>();

  /** Starts with nothing under way. */
  constructor(options: ReporterOptions) {
    this.#options = options;
    options.topology.onChange(() => this.#dropLostLanes());
  }

  /**
   * Takes a report. A second one for the same attempt changes nothing and gets the answer of the
   * first. False, and no answer, for what a worker says of an attempt that the mesh is giving up:
   * it comes too late.
   */
  submit(report: Report): boolean {
    const known = this.#reports.get(report.attemptId);
    if (known !== undefined) {
      if (known.report.origin !== report.origin) return false;
      known.answers.push(report.answer);
      if (known.answers.length > ANSWERS_MAX) known.answers.shift();
      return true;
    }
    const sinceMs = this.#options.clock.monotonicMs();
    const pending: Pending = {
      report,
      outcome: report.outcome,
      answers: [report.answer],
      completing: undefined,
      sinceMs,
      triesCount: 0,
      hop: undefined,
    };
    this.#reports.set(report.attemptId, pending);
    if (report.complete === undefined) this.#route(pending);
    else void this.#complete(pending, report.complete);
    return true;
  }

  async #complete(
    pending: Pending,
    complete: (signal: AbortSignal) => Promise<OutcomeInit>,
  ): Promise<void> {
    const { signal } = (pending.completing = new AbortController());
    try {
      pending.outcome = await complete(signal);
    } catch {
      // After a stop the worker offers its report to another executor.
      if (this.#isStopped) return;
      this.#finish(pending, stale(pending));
      return this.#options.onCredit();
    }
    pending.completing = undefined;
    if (!this.#isStopped) this.#route(pending);
  }

  /**
   * These are not live any more: what is still missing of their outcomes is not fetched, and nobody
   * is told of them. An outcome that is complete is left to its scheduler.
   */
  abandon(attemptIds: readonly string[]): void {
    for (const attemptId of attemptIds) this.#reports.get(attemptId)?.completing?.abort();
  }

  /** True while the end of this attempt is under way. */
  has(attemptId: string): boolean {
    return this.#reports.has(attemptId);
  }

  /** The attempts whose end is under way. */
  pending(): Report[] {
    return [...this.#reports.values()].map(({ report }) => report);
  }

  /** Resolves when every report is answered, or when the signal aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    this.#emptied = Promise.withResolvers();
    if (this.#reports.size === 0 || signal.aborted) return;
    const giveUp = () => this.#emptied.resolve();
    signal.addEventListener('abort', giveUp);
    await this.#emptied.promise;
    signal.removeEventListener('abort', giveUp);
  }

  /** Gives up what is not answered; workers offer it again to another executor. */
  stop(): void {
    this.#isStopped = true;
    for (const { completing } of this.#reports.values()) completing?.abort();
    for (const { gone } of this.#lanes.values()) gone.abort();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #route(pending: Pending): void {
    const { topology, roster } = this.#options;
    const scheduler = topology.schedulerOf(pending.report.partition);
    if (scheduler === undefined) return this.#later([pending]);
    const lane = laneOf(this.#lanes, scheduler);
    pending.hop = roster.workers.get(pending.report.workerId);
    if (pending.hop !== undefined) pending.hop.hopsCount += 1;
    lane.queue.push(pending);
    if (!lane.isRunning) void this.#run(lane);
  }

  #later(batch: readonly Pending[]): void {
    if (this.#isStopped) return;
    const attempt = Math.min(...batch.map(({ triesCount }) => triesCount));
    for (const pending of batch) pending.triesCount += 1;
    this.#options.events.reportsDelayed(batch.length);
    const delayMs = backoffMs({ attempt, firstMs: 20, maxMs: 1_000 });
    const timer = this.#options.clock.timer(delayMs, () => {
      this.#timers.delete(timer);
      for (const pending of batch) this.#route(pending);
    });
    this.#timers.add(timer);
  }

  async #run(lane: Lane): Promise<void> {
    lane.isRunning = true;
    // One turn of the microtask queue, so that what is reported in the same breath leaves in the
    // same call.
    await Promise.resolve();
    while (lane.queue.length > 0 && !this.#isStopped) {
      const limits = { sizeOf: sizeOfReport, sizeMax: FRAME_SIZE, countMax: BATCH_MAX };
      await this.#flush(lane, takeFrame(lane.queue, limits));
    }
    lane.isRunning = false;
  }

  async #flush(lane: Lane, batch: readonly Pending[]): Promise<void> {
    const { executorId, mayHop, onLeases, onCredit } = this.#options;
    const workers = new Set(batch.flatMap(({ hop }) => hop ?? []));
    for (const pending of batch) unhop(pending);
    const offers = hopOffers(workers, (worker) => mayHop(worker, lane.scheduler.id));
    const request = {
      executorId,
      outcomes: batch.map(({ outcome }) => outcome),
      offers: toSlotOffers(offers),
    };
    const call = { signal: lane.gone.signal, timeoutMs: REPORT_TIMEOUT_MS };
    // Only what the call throws is its failure: what follows from an answer must not be done twice.
    const told = await lane.scheduler.client.reportAttempts(request, call).then(
      (answer) => ({ kind: 'answered' as const, answer }),
      (error: unknown) => ({ kind: 'failed' as const, error }),
    );
    settle(offers);
    if (told.kind === 'answered') {
      const { results, leases } = told.answer;
      for (const [index, pending] of batch.entries()) this.#finish(pending, results[index]);
      onLeases(leases);
    } else if (!this.#isStopped) {
      await this.#onFailure(lane, batch, told.error);
    }
    onCredit();
  }

  /**
   * One misdirected or poisonous outcome must not hold up the others: batches are split until it is
   * alone.
   */
  async #onFailure(lane: Lane, batch: readonly Pending[], error: unknown): Promise<void> {
    this.#options.events.reportsFailed(lane.scheduler.id, error);
    const isElsewhere = reasonOf(error) === 'not_owner';
    if (lane.gone.signal.aborted || (isRetryable(error) && !isElsewhere)) return this.#later(batch);
    const partitions = Map.groupBy(batch, ({ report }) => report.partition);
    if (partitions.size > 1) {
      for (const part of partitions.values()) await this.#flush(lane, part);
    } else if (isElsewhere) {
      this.#later(batch);
    } else if (batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      await this.#flush(lane, batch.slice(0, middle));
      await this.#flush(lane, batch.slice(middle));
    } else {
      for (const pending of batch) this.#refuse(pending, error);
    }
  }

  #refuse(pending: Pending, error: unknown): void {
    const { attemptId } = pending.report;
    this.#options.events.reportRefused(pending.report, error);
    const status = AttemptStatus.REFUSED;
    this.#finish(pending, { attemptId, status, reason: messageOf(error) });
  }

  #finish(pending: Pending, result: AttemptResult | ResultInit | undefined): void {
    if (result === undefined) return this.#later([pending]);
    const { clock, events } = this.#options;
    this.#reports.delete(pending.report.attemptId);
    const report = { ...pending.report, outcome: pending.outcome };
    events.reported(report, result, clock.monotonicMs() - pending.sinceMs);
    for (const answer of pending.answers) {
      try {
        answer(result);
      } catch (error) {
        // It must not keep the others of its lane from being reported.
        events.loopFailed('reporter', error);
      }
    }
    if (this.#reports.size === 0) this.#emptied.resolve();
  }

  #dropLostLanes(): void {
    const living = new Set(this.#options.topology.schedulers().map(({ id }) => id));
    for (const [id, lane] of this.#lanes) {
      if (living.has(id)) continue;
      this.#lanes.delete(id);
      lane.gone.abort();
    }
  }
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
