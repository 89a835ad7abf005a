// The worker: leases in, attempts run in children, outcomes and logs out.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CancelMode, type Lease } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { type Cancel, CancelStep } from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { Attempt, type AttemptOwner } from './attempts/attempt.ts';
import { filesOf } from './attempts/bundle.ts';
import { answerCall } from './attempts/calls.ts';
import { reportOf } from './attempts/report.ts';
import { ChildPool } from './children/child-pool.ts';
import { monotonicMs, sleep } from './clock.ts';
import { SECRET_ENVS, type WorkerConfig } from './config.ts';
import type { Events } from './events.ts';
import { LogShipper } from './logs/log-shipper.ts';
import { DEFAULT_LIMITS, type Limits, msOf } from './session/limits.ts';
import type { SessionOwner } from './session/owner.ts';
import { Session } from './session/session.ts';
import type { Wire } from './session/wire.ts';

const DRAIN_POLL_MS = 20;
/**
 * How long a worker that has nothing left to run waits for its last outcomes and logs to be stored.
 */
const SETTLE_MS = 5_000;

/** One worker process. */
export class Worker {
  readonly #config: WorkerConfig;
  readonly #events: Events;
  readonly #attempts = new Map<string, Attempt>();
  readonly #pool: ChildPool;
  readonly #logs: LogShipper;
  readonly #session: Session;
  #limits: Limits = DEFAULT_LIMITS;
  #wire: Wire | undefined;
  #draining: Promise<void> | undefined;
  readonly #drained = Promise.withResolvers<void>();

  constructor(config: WorkerConfig, env: NodeJS.ProcessEnv, events: Events) {
    this.#config = config;
    this.#events = events;
    this.#pool = new ChildPool({
      memoryMb: config.childMemoryMb,
      env: childEnv(env),
      childrenMax: Math.ceil(config.slotsMax / config.attemptsPerChild),
      jobsPerChild: config.attemptsPerChild,
      jobsMax: config.tasksPerChild,
      idleMs: config.childIdleMs,
    });
    this.#logs = new LogShipper((attemptId, error) => {
      if (error.reason === 'stale_attempt') this.#lose(attemptId);
      else events.logRefused(attemptId, error.message);
    });
    this.#session = new Session(
      { ...config, address: config.executorAddress },
      this.#sessionOwner(),
      events,
    );
  }

  /**
   * Works until it is drained. Rejects with a WireError when the mesh refuses this worker for good.
   */
  async run(): Promise<void> {
    this.#pool.warm();
    try {
      await Promise.race([this.#session.run(), this.#drained.promise]);
    } finally {
      await this.#session.close();
      this.#logs.detach();
      this.#pool.close();
    }
  }

  /**
   * Takes no new leases, gives back what has not begun, finishes the rest within the grace; then
   * `run` resolves.
   */
  drain(why: string): void {
    this.#draining ??= this.#drain(why).then(() => this.#drained.resolve());
  }

  /** Kills everything that runs. */
  kill(): void {
    this.#pool.close();
  }

  async #drain(why: string): Promise<void> {
    const { drainGraceMs } = this.#config;
    this.#events.draining(why, this.#attempts.size);
    this.#session.drain();
    const reason = `The worker is leaving (${why}).`;
    const { killGraceMs: graceMs } = this.#limits;
    for (const attempt of this.#attempts.values()) {
      if (attempt.isWaiting) attempt.stop({ kind: 'shutdown', mode: 'graceful', graceMs, reason });
    }
    const isIdle = () => this.#attempts.size === 0;
    await until(isIdle, drainGraceMs);
    const late = `${reason} The task did not end within ${drainGraceMs / 1000} s.`;
    for (const attempt of this.#attempts.values()) {
      attempt.stop({ kind: 'shutdown', mode: 'graceful', graceMs, reason: late });
    }
    await until(isIdle, graceMs + SETTLE_MS);
    await until(() => this.#session.unrecordedCount === 0 && this.#logs.isEmpty, SETTLE_MS);
    this.#events.drained();
  }

  #sessionOwner(): SessionOwner {
    const held = () => [...this.#attempts.values()].filter(({ isGivenUp }) => !isGivenUp);
    return {
      heldTokens: () => held().map(({ log }) => log.token),
      heldIds: () => held().map(({ lease }) => lease.attemptId),
      freeSlots: () => this.#config.slotsMax - this.#attempts.size,
      welcomed: (limits, wire) => {
        this.#limits = limits;
        this.#wire = wire;
        this.#logs.attach(wire);
      },
      disconnected: () => {
        this.#wire = undefined;
        this.#logs.detach();
      },
      leased: (leases) => {
        for (const lease of leases) this.#take(lease);
      },
      cancelled: (cancel) => this.#cancel(cancel),
      lost: (attemptId) => this.#lose(attemptId),
      refreshed: (attemptId, token) => {
        this.#logs.refresh(attemptId, token);
        const attempt = this.#attempts.get(attemptId);
        if (attempt !== undefined) attempt.log.token = token;
      },
      fenced: () => {
        if (this.#attempts.size > 0) this.#events.fenced(this.#attempts.size);
        for (const { lease } of this.#attempts.values()) this.#lose(lease.attemptId);
      },
      drainRequested: (reason) => this.drain(reason || 'the mesh asked it to'),
    };
  }

  #attemptOwner(): AttemptOwner {
    return {
      withdraw: (attempt) => this.#pool.withdraw(attempt),
      accepted: ({ lease }) => this.#session.accepted(lease.attemptId),
      progress: ({ lease }, step) => this.#session.progress(lease.attemptId, step),
      call: (attempt, request) =>
        answerCall(request, {
          wire: () => this.#wire,
          token: () => attempt.log.token,
          stale: () => this.#lose(attempt.lease.attemptId),
        }),
      over: (attempt, verdict) => {
        const { lease, log } = attempt;
        this.#attempts.delete(lease.attemptId);
        if (verdict === undefined) {
          this.#logs.discard(log);
          this.#session.credit(1);
          return;
        }
        log.close();
        this.#session.finished(lease.attemptId, reportOf(verdict, log.token, log.size));
      },
    };
  }

  #take(lease: Lease): void {
    const { attemptId, attemptToken } = lease;
    if (this.#attempts.has(attemptId)) return;
    const isFull = this.#attempts.size >= this.#config.slotsMax;
    if (this.#draining !== undefined || isFull) {
      const reason = isFull ? 'The worker has no free slot.' : 'The worker is leaving.';
      this.#session.finished(attemptId, reportOf({ kind: 'rejected', reason }, attemptToken, 0));
      return;
    }
    const files = filesOf(lease, this.#config);
    if (files.kind === 'missing') {
      const { reason } = files;
      this.#session.finished(attemptId, reportOf({ kind: 'rejected', reason }, attemptToken, 0));
      return;
    }
    const limits = this.#limits;
    const log = this.#logs.open({ attemptId, token: attemptToken }, logLimits(limits));
    const parts = { lease, log, dagsFolder: files.folder, limits };
    const attempt = new Attempt(parts, this.#attemptOwner());
    this.#attempts.set(attemptId, attempt);
    this.#pool.run(attempt);
  }

  #cancel({ attemptIds, mode, grace, reason }: Cancel): void {
    for (const attemptId of attemptIds) {
      const attempt = this.#attempts.get(attemptId);
      if (attempt === undefined) {
        this.#session.progress(attemptId, CancelStep.UNKNOWN);
        continue;
      }
      attempt.stop({
        kind: 'cancelled',
        mode: mode === CancelMode.KILL ? 'kill' : 'graceful',
        graceMs: msOf(grace) ?? this.#limits.killGraceMs,
        reason: reason || 'The task was cancelled.',
      });
    }
  }

  #lose(attemptId: string): void {
    const attempt = this.#attempts.get(attemptId);
    if (attempt === undefined || attempt.isGivenUp) return;
    this.#events.attemptLost(attemptId);
    const reason = 'The attempt was given to somebody else.';
    attempt.stop({ kind: 'lost', mode: 'kill', graceMs: 0, reason });
  }
}

/**
 * The environment of children: the supervisor's, without what only it may know, and with a place
 * where Node keeps compiled code, which halves the time a child needs to start.
 */
function childEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const known = Object.entries(env).filter(([name]) => !SECRET_ENVS.includes(name));
  const cache = join(homedir(), '.cache', 'dagmesh', 'compiled');
  return { NODE_COMPILE_CACHE: cache, ...Object.fromEntries(known) };
}

function logLimits({ logSizeMax, logChunkBytesMax }: Limits) {
  return { sizeMax: logSizeMax, chunkBytesMax: logChunkBytesMax };
}

async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  const giveUpAtMs = monotonicMs() + timeoutMs;
  while (!condition() && monotonicMs() < giveUpAtMs) await sleep(DRAIN_POLL_MS);
}
