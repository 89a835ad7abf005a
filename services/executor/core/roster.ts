// Who is connected and what each worker holds: the executor's whole bookkeeping, as plain values in
// memory.
import type { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';

/** How a worker talks: over one stream, or in single calls. */
export type WorkerKind = 'stream' | 'unary';

/**
 * Where a worker stands. `joining` until its Welcome is on its way; `active` takes work; `draining`
 * finishes what it has; `suspect` after its stream broke, until it comes back or its TTL ends.
 */
export type WorkerState = 'joining' | 'active' | 'draining' | 'suspect';

/** What a worker says of itself. */
export type WorkerProfile = {
  readonly workerId: string;
  readonly kind: WorkerKind;
  readonly language: string;
  readonly sdk: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Queues it serves. */
  readonly queues: readonly string[];
};

/** One worker since its last Hello, or, for one without a stream, since its first call. */
export type WorkerEntry = WorkerProfile & {
  /** Workers without a stream name their queues with each call. */
  queues: readonly string[];
  /** Streams: task slots in all. Others: slots of the calls that wait for work at this moment. */
  slots: number;
  state: WorkerState;
  /** Why it was asked to leave; it stays asked when it comes back. */
  drainReason: string | undefined;
  /** Wall clock, for people. */
  readonly connectedAtMs: number;
  /** Wall clock, for people. */
  heardAtMs: number;
  /** Monotonic clock, for judging its TTL. */
  heardMonotonicMs: number;
  /** When it last listed its attempts, monotonic. */
  listedMonotonicMs: number;
  /** Attempts that take a slot of it, by id. */
  readonly held: Map<string, AttemptEntry>;
  /** Attempts it was told are lost, and whose slot it has not freed yet (streams only). */
  readonly leaving: Set<string>;
  /** Attempts whose outcome it has reported, and that no scheduler has answered yet. */
  readonly unanswered: Set<string>;
  /** Slots that stand in an offer to a scheduler right now. */
  offeredCount: number;
  /** How often slots of it were offered. */
  offersCount: number;
  /** Reports that are about to leave and will offer its free slots in the same breath. */
  hopsCount: number;
};

/** Where an attempt belongs, in the words users know. */
export type AttemptPlace = {
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  /** −1 for unmapped instances. */
  readonly mapIndex: number;
};

/** What names an attempt to a scheduler. */
export type AttemptName = {
  readonly attemptId: string;
  readonly epoch: bigint;
  readonly partition: number;
  /** DagRun.id. */
  readonly dagRunId: string;
};

/** A cancel that a worker was told, or will be told when it is back. */
export type CancelOrder = {
  readonly mode: CancelMode;
  readonly graceMs: number;
  readonly reason: string;
};

/**
 * The life of an attempt here: `leased` until its worker says that its code has been started, then
 * `running`, then `ending` from the moment its outcome is known here until a scheduler has
 * answered.
 */
export type AttemptPhase = 'leased' | 'running' | 'ending';

/** One live attempt. */
export type AttemptEntry = AttemptName & {
  readonly workerId: string;
  /** Absent for attempts that came with a worker from another executor, until somebody asks. */
  place: AttemptPlace | undefined;
  /** Connections its task declared; absent as `place` is. */
  connections: readonly string[] | undefined;
  /** Names and URIs of the assets its task reads and makes; absent as `place` is. */
  assets: ReadonlySet<string> | undefined;
  /** Whether somebody maps over what it returns; undefined when its lease was not seen here. */
  readonly isMappedOver: boolean | undefined;
  phase: AttemptPhase;
  /** While `leased`: when it must have been started, monotonic; infinite until it was sent. */
  startByMs: number;
  /** When its worker last said that it holds it, monotonic. */
  listedMonotonicMs: number;
  /** When its token ends, wall clock. */
  tokenExpiresAtMs: number;
  cancel: CancelOrder | undefined;
};

/** Everything the executor keeps in memory about workers and attempts. */
export type Roster = {
  readonly workers: Map<string, WorkerEntry>;
  readonly attempts: Map<string, AttemptEntry>;
};

/** An empty roster. */
export function createRoster(): Roster {
  return { workers: new Map(), attempts: new Map() };
}

/** A worker that has just come, with no attempts and nothing offered. */
export function newWorker(
  profile: WorkerProfile,
  now: { readonly nowMs: number; readonly monotonicMs: number },
): WorkerEntry {
  return {
    ...profile,
    slots: 0,
    state: 'joining',
    drainReason: undefined,
    connectedAtMs: now.nowMs,
    heardAtMs: now.nowMs,
    heardMonotonicMs: now.monotonicMs,
    listedMonotonicMs: now.monotonicMs,
    held: new Map(),
    leaving: new Set(),
    unanswered: new Set(),
    offeredCount: 0,
    offersCount: 0,
    hopsCount: 0,
  };
}

/** Gives an attempt to a worker: it takes one slot until `release`. */
export function hold(roster: Roster, worker: WorkerEntry, attempt: AttemptEntry): void {
  roster.attempts.set(attempt.attemptId, attempt);
  worker.held.set(attempt.attemptId, attempt);
}

/** Frees the attempt's slot because its outcome is known; it stays on the roster until `forget`. */
export function release(roster: Roster, attempt: AttemptEntry): void {
  attempt.phase = 'ending';
  const worker = roster.workers.get(attempt.workerId);
  if (worker?.held.delete(attempt.attemptId)) worker.unanswered.add(attempt.attemptId);
}

/**
 * As `release`, for an attempt that the mesh takes away: a worker with a stream still has its slot
 * taken until it says otherwise.
 */
export function revoke(roster: Roster, attempt: AttemptEntry): void {
  release(roster, attempt);
  const worker = roster.workers.get(attempt.workerId);
  if (worker?.kind === 'stream') worker.leaving.add(attempt.attemptId);
}

/**
 * Takes an attempt off the roster: from now on it is not live here. False when it was not on it.
 */
export function forget(roster: Roster, attempt: AttemptEntry): boolean {
  if (roster.attempts.get(attempt.attemptId) !== attempt) return false;
  const worker = roster.workers.get(attempt.workerId);
  worker?.held.delete(attempt.attemptId);
  worker?.unanswered.delete(attempt.attemptId);
  return roster.attempts.delete(attempt.attemptId);
}

/** True once its lease was sent: from then on its worker may be at it. */
export function wasSent(attempt: AttemptEntry): boolean {
  return attempt.phase !== 'leased' || Number.isFinite(attempt.startByMs);
}
