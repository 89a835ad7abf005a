// Workers without a stream: the same bookkeeping as for sessions, driven by single calls.
import type { AttemptReport, Lease } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type {
  AcquireTasksRequest,
  HeartbeatRequest,
} from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { accept, hear } from '../../core/heartbeat.ts';
import { hold, newWorker, type WorkerEntry } from '../../core/roster.ts';
import type { ResultInit } from '../link.ts';
import { hearList, nowOf, refreshTokens, type WorkerDesk } from './desk.ts';
import { readTokens } from './greeting.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';

/** What a worker without a stream can ask. */
export type SingleCalls = {
  /**
   * Waits for leases. Errors: `worker_draining`, `bad_request` for a worker that holds a session.
   */
  acquire(request: AcquireTasksRequest, signal: AbortSignal): Promise<Lease[]>;
  /** Keeps attempts alive; what must end and which tokens are new. */
  heartbeat(request: HeartbeatRequest): Promise<{
    lostAttemptIds: string[];
    cancelledAttemptIds: string[];
    refreshedTokens: { attemptId: string; attemptToken: string }[];
  }>;
  /** Records outcomes; rejects with `unreachable` when they are not committed in time. */
  report(
    workerId: string,
    reports: readonly AttemptReport[],
    signal: AbortSignal,
  ): Promise<ResultInit[]>;
};

/** How long AcquireTasks waits when the worker does not say. */
const WAIT_MS = 20_000;

/** How long ReportTasks waits for the commit; the report goes on without its caller. */
const REPORT_WAIT_MS = 30_000;

/** Serves workers without a stream at the desk. */
export function createSingleCalls(desk: WorkerDesk): SingleCalls {
  const mailboxes: Mailboxes = new WeakMap();
  return {
    acquire: (request, signal) => acquire(desk, mailboxes, request, signal),
    heartbeat: (request) => heartbeat(desk, request),
    report: (workerId, reports, signal) => report(desk, { workerId, reports, signal }),
  };
}

type Mailboxes = WeakMap<WorkerEntry, Mailbox>;

async function acquire(
  desk: WorkerDesk,
  mailboxes: Mailboxes,
  request: AcquireTasksRequest,
  signal: AbortSignal,
): Promise<Lease[]> {
  const worker = enter(desk, request.workerId, request.language);
  if (worker.state === 'draining') {
    throw fail('worker_draining', `this worker is to leave: ${worker.drainReason ?? ''}`);
  }
  worker.queues = request.queues;
  const waitMs = fromDuration(request.wait) ?? WAIT_MS;
  const mailbox = mailboxOf(desk, mailboxes, worker);
  const leases = await mailbox.fetch({ slots: request.slots, waitMs, signal });
  hear(worker, nowOf(desk));
  // Nobody says Accepted here: what is handed over counts as started.
  const attemptIds = leases.map(({ attemptId }) => attemptId);
  accept(worker, attemptIds, desk.clock.monotonicMs());
  return leases;
}

async function heartbeat(desk: WorkerDesk, request: HeartbeatRequest) {
  const worker = enter(desk, request.workerId, '');
  const { held, endedIds } = readTokens(desk, request.attemptTokens);
  const unknown = held.filter(({ attemptId }) => !desk.roster.attempts.has(attemptId));
  if (unknown.length > 0) await desk.adopter.adopt(worker, unknown);
  const attemptIds = held.map(({ attemptId }) => attemptId);
  const lostIds = hearList(desk, worker, attemptIds);
  const cancelled = [...worker.held.values()].filter(({ cancel }) => cancel !== undefined);
  return {
    lostAttemptIds: [...endedIds, ...lostIds],
    cancelledAttemptIds: cancelled.map(({ attemptId }) => attemptId),
    refreshedTokens: refreshTokens(desk, worker),
  };
}

async function report(
  desk: WorkerDesk,
  said: {
    readonly workerId: string;
    readonly reports: readonly AttemptReport[];
    readonly signal: AbortSignal;
  },
): Promise<ResultInit[]> {
  const { workerId, reports, signal } = said;
  const known = desk.roster.workers.get(workerId);
  if (known?.kind === 'unary') hear(known, nowOf(desk));
  const results = new Map<number, ResultInit>();
  const all = new AbortController();
  for (const [index, each] of reports.entries()) {
    desk.endings.finish(workerId, each, (result) => {
      results.set(index, result);
      if (results.size === reports.length) all.abort();
    });
  }
  await desk.clock.sleep(REPORT_WAIT_MS, AbortSignal.any([all.signal, signal]));
  if (results.size < reports.length) {
    throw fail('unreachable', 'the outcomes are not committed yet; report them again');
  }
  return reports.map((_, index) => results.get(index) ?? {});
}

/** The worker's place on the roster; made at its first call. */
function enter(desk: WorkerDesk, workerId: string, language: string): WorkerEntry {
  const { roster, links, events } = desk;
  const known = roster.workers.get(workerId);
  if (known?.kind === 'unary') {
    hear(known, nowOf(desk));
    return known;
  }
  if (known !== undefined && links.has(workerId)) {
    throw fail('bad_request', `worker ${workerId} holds a session; it gets everything there`);
  }
  const profile = { workerId, kind: 'unary' as const, language, sdk: '', labels: {}, queues: [] };
  const worker = newWorker(profile, nowOf(desk));
  worker.state = known?.drainReason === undefined ? 'active' : 'draining';
  worker.drainReason = known?.drainReason;
  for (const attempt of known?.held.values() ?? []) hold(roster, worker, attempt);
  roster.workers.set(workerId, worker);
  events.workerJoined(worker, worker.held.size);
  return worker;
}

function mailboxOf(desk: WorkerDesk, mailboxes: Mailboxes, worker: WorkerEntry): Mailbox {
  const known = mailboxes.get(worker);
  if (known !== undefined) return known;
  const mailbox = createMailbox({ worker, clock: desk.clock, onSlots: desk.onCredit });
  mailboxes.set(worker, mailbox);
  desk.links.set(worker.workerId, mailbox);
  return mailbox;
}
