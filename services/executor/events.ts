// Everything the executor tells operators: each event once, its log line and its metrics together.
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import {
  AttemptStatus,
  type CancelProgress,
  CancelStep,
} from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Log } from '#kernel/log/log.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import type { Metrics } from '#kernel/telemetry/metrics.ts';
import type {
  AttemptEntry,
  AttemptName,
  CancelOrder,
  Roster,
  WorkerEntry,
  WorkerState,
} from './core/roster.ts';

/** The events of one executor. */
export type ExecutorEvents = ReturnType<typeof createEvents>;

/** What a ticket came to. */
export type TicketEnd = 'used' | 'empty' | 'unknown_scheduler' | 'handed_back';

type ReportedAttempt = AttemptName & { readonly outcome: { readonly end?: AttemptEnd } };

const nameOfEnd = namesOf(AttemptEnd);
const nameOfStatus = namesOf(AttemptStatus);
const nameOfStep = namesOf(CancelStep);

const STATES: readonly WorkerState[] = ['joining', 'active', 'draining', 'suspect'];

/** Declares the metrics and ties them to the log. */
export function createEvents(log: Log, metrics: Metrics) {
  return {
    ...workerEvents(log, metrics),
    ...attemptEvents(log, metrics),
    ...doorEvents(log, metrics),
  };
}

/** Workers that come, go and are lost. */
function workerEvents(log: Log, metrics: Metrics) {
  const workers = metrics.gauge('dagmesh_executor_workers', 'Workers on the roster.', ['state']);
  const attempts = metrics.gauge('dagmesh_executor_attempts', 'Live attempts.');
  const joined = metrics.counter('dagmesh_executor_sessions_total', 'Sessions begun.');
  const lost = metrics.counter('dagmesh_executor_workers_lost_total', 'Workers lost.');
  const named = (worker: WorkerEntry) => ({ worker_id: worker.workerId });
  return {
    /** How many there are now. */
    census: (roster: Roster) => {
      const counts = Map.groupBy(roster.workers.values(), ({ state }) => state);
      for (const state of STATES) workers.set({ state }, counts.get(state)?.length ?? 0);
      attempts.set(roster.attempts.size);
    },
    workerJoined: (worker: WorkerEntry, resumedCount: number) => {
      joined.inc();
      const { language, queues, slots } = worker;
      log.info(
        { ...named(worker), language, queues, slots, resumed_count: resumedCount },
        'worker joined',
      );
    },
    workerDraining: (worker: WorkerEntry) =>
      log.info({ ...named(worker), running_count: worker.held.size }, 'worker draining'),
    workerSuspect: (worker: WorkerEntry) =>
      log.info({ ...named(worker), running_count: worker.held.size }, 'worker stream broke'),
    workerLeft: (worker: WorkerEntry) => log.info(named(worker), 'worker left'),
    workerLost: (worker: WorkerEntry, attemptsCount: number) => {
      lost.inc();
      log.warn({ ...named(worker), attempts_count: attemptsCount }, 'worker lost');
    },
    stoodStill: (lateMs: number) =>
      log.warn({ late_ms: Math.round(lateMs) }, 'executor stood still; leases are judged from now'),
  };
}

/** Attempts on their way to workers and back. */
function attemptEvents(log: Log, metrics: Metrics) {
  const leased = metrics.counter('dagmesh_executor_leases_total', 'Leases taken from schedulers.');
  const gaveUp = metrics.counter(
    'dagmesh_executor_attempts_given_up_total',
    'Attempts the executor gave up: rejected (never begun) or lost.',
    ['kind'],
  );
  const reports = metrics.counter('dagmesh_executor_reports_total', 'Outcomes answered.', [
    'end',
    'status',
  ]);
  const reportSeconds = metrics.histogram(
    'dagmesh_executor_report_seconds',
    "Time from a worker's report to the scheduler's answer.",
  );
  const delayed = metrics.counter(
    'dagmesh_executor_report_retries_total',
    'Outcomes that had to wait for their scheduler.',
  );
  return {
    leased: (count: number) => leased.inc(count),
    gaveUp: (attempt: AttemptEntry, why: { readonly kind: string; readonly reason: string }) => {
      gaveUp.inc({ kind: why.kind });
      log.debug({ ...named(attempt), ...why }, 'attempt given up');
    },
    takenAway: (workerId: string, attemptIds: readonly string[]) =>
      log.info({ worker_id: workerId, attempt_ids: attemptIds }, 'attempts taken from worker'),
    cancelling: (workerId: string, attemptIds: readonly string[], order: CancelOrder) =>
      log.info(
        { worker_id: workerId, attempt_ids: attemptIds, reason: order.reason },
        'cancelling',
      ),
    cancelProgress: (workerId: string, progress: CancelProgress) => {
      const step = nameOfStep(progress.step);
      log.info({ worker_id: workerId, attempt_id: progress.attemptId, step }, 'cancel progress');
    },
    reported: (
      report: ReportedAttempt,
      result: { readonly status?: AttemptStatus },
      tookMs: number,
    ) => {
      const end = nameOfEnd(report.outcome.end ?? 0);
      reports.inc({ end, status: nameOfStatus(result.status ?? 0) });
      reportSeconds.observe(tookMs / 1000);
    },
    reportsDelayed: (count: number) => delayed.inc(count),
    reportsFailed: (schedulerId: string, error: unknown) =>
      log.debug({ scheduler_id: schedulerId, reason: messageOf(error) }, 'reports not taken'),
    errandFailed: (attempt: AttemptName, errand: string, error: unknown) =>
      log.warn({ ...named(attempt), errand, reason: messageOf(error) }, 'report not completed'),
    reportRefused: (report: AttemptName, error: unknown) =>
      log.error({ ...named(report), reason: messageOf(error) }, 'report refused by scheduler'),
  };
}

/** The roads to schedulers, and logs. */
function doorEvents(log: Log, metrics: Metrics) {
  const tickets = metrics.counter('dagmesh_executor_tickets_total', 'Tickets pulled.', ['end']);
  const missed = metrics.counter(
    'dagmesh_executor_doorbells_missed_total',
    'Leases found by the safety poll, without a ticket.',
  );
  const logBytes = metrics.counter(
    'dagmesh_executor_log_bytes_total',
    'Bytes of task logs stored.',
  );
  return {
    ticket: (end: TicketEnd) => tickets.inc({ end }),
    askFailed: (schedulerId: string, error: unknown) =>
      log.debug({ scheduler_id: schedulerId, reason: messageOf(error) }, 'leases not had'),
    doorbellMissed: (schedulerId: string, count: number) => {
      missed.inc(count);
      log.warn({ scheduler_id: schedulerId, count }, 'work found without a doorbell');
    },
    renewalFailed: (schedulerId: string, error: unknown) =>
      log.debug({ scheduler_id: schedulerId, reason: messageOf(error) }, 'leases not renewed'),
    loopFailed: (loop: string, error: unknown) =>
      log.warn({ loop, reason: messageOf(error) }, 'duty failed; it is tried again'),
    logStored: (bytes: number) => logBytes.inc(bytes),
    logEndUnknown: (error: unknown) =>
      log.debug({ reason: messageOf(error) }, 'cannot tell yet whether a log is complete'),
  };
}

function named({ attemptId, epoch }: AttemptName) {
  return { attempt_id: attemptId, epoch: Number(epoch) };
}

/** Names of an enum's values, in lower case, by value. */
function namesOf(values: Readonly<Record<string, number>>): (value: number) => string {
  const names = new Map(Object.entries(values).map(([name, value]) => [value, name.toLowerCase()]));
  return (value) => names.get(value) ?? String(value);
}
