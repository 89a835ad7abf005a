// The heart: decisions change the picture at once, one commit at a time carries them to the ledger,
// and only then is anybody answered. What is decided while a commit is under way goes into the next
// one.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { CommitRequest, CommitResponse } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs, uuidV7 } from '#kernel/clock/random.ts';
import { fail, isRetryable, reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { admitNow, type Deciding } from '../core/advance.ts';
import { type ChangeSet, countRows, createChangeSet, withoutLost } from '../core/change-set.ts';
import { serveWaiters } from '../core/leases.ts';
import {
  type Attempt,
  createPicture,
  type LeaseWaiter,
  type Moment,
  type Picture,
  type PictureTiming,
  type Run,
} from '../core/picture.ts';
import { sealCommit } from '../core/rows.ts';
import { startRuns } from '../core/runs.ts';
import { createDueRuns } from '../core/schedule.ts';
import { holdBack, settleCommit } from '../core/settle-commit.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Ownership } from './ownership.ts';

const COMMIT_TIMEOUT_MS = 30_000;

/** A decision: changes the picture, and answers what its caller is told after the commit. */
export type Decision<T> = (deciding: Deciding, moment: Moment) => T;

export type Engine = {
  /** The picture of now; another object after a reset. */
  picture(): Picture;
  moment(): Moment;
  /**
   * Decides, and resolves once the commit that carries it (and all before it) is answered. Rejects
   * with `not_owner` when the picture was dropped meanwhile, and with what the decision threw; a
   * decision that throws must have changed nothing.
   */
  decide<T>(decision: Decision<T>): Promise<T>;
  /** Waits for leases until they come, the time is over, or the signal aborts. */
  waitForLeases(
    waiter: LeaseWaiter,
    wait: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<readonly Attempt[]>;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
  /** Ends: what is under way is finished, nothing new is taken. */
  stop(): Promise<void>;
};

type Batch = {
  readonly changes: ChangeSet;
  readonly answered: PromiseWithResolvers<void>;
};

export type EngineOptions = {
  readonly ledger: Client<typeof LedgerService>;
  readonly ownership: Ownership;
  readonly timing: PictureTiming;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
  /** Called after each commit with what it changed, and after each decision. */
  readonly onCommitted: (changes: ChangeSet) => void;
  readonly onDecided: () => void;
};

export function createEngine(options: EngineOptions): Engine {
  const { clock, ownership, events } = options;
  const stopping = new AbortController();
  const resolvers = new Map<LeaseWaiter, (leases: readonly Attempt[]) => void>();
  let picture = createPicture(options.timing);
  let open = createBatch();
  let underWay: Batch | undefined;

  const moment = (): Moment => {
    const nowMs = clock.nowMs();
    return { nowMs, monotonicMs: clock.monotonicMs(), newId: () => uuidV7(nowMs) };
  };
  const decidingAt = (at: Moment): Deciding => {
    const deciding: Deciding = {
      picture,
      changes: open.changes,
      nowMs: at.nowMs,
      onRunEnd: (run) => followRun(deciding, at, run),
    };
    return deciding;
  };

  const decide = async <T>(decision: Decision<T>): Promise<T> => {
    if (stopping.signal.aborted) throw fail('unreachable', 'this scheduler stops; ask another');
    const at = moment();
    const deciding = decidingAt(at);
    const answer = decision(deciding, at);
    afterDeciding(deciding, at);
    const batch = countRows(open.changes) > 0 ? open : underWay;
    void flush();
    await batch?.answered.promise;
    return answer;
  };

  /** Admits what was freed and serves those who wait for work, in the same commit. */
  const afterDeciding = (deciding: Deciding, at: Moment) => {
    admitNow(deciding);
    serveWaiters(picture, deciding.changes, at);
    for (const [waiter, resolve] of resolvers) {
      if (waiter.leases.length === 0) continue;
      resolvers.delete(waiter);
      const { leases } = waiter;
      open.answered.promise.then(
        () => resolve(leases.filter(isLive)),
        () => resolve([]),
      );
    }
    options.onDecided();
  };

  const flush = async (): Promise<void> => {
    if (underWay !== undefined) return;
    while (countRows(open.changes) > 0) {
      const batch = open;
      underWay = batch;
      open = createBatch();
      await carry(batch);
      underWay = undefined;
    }
  };

  const carry = async (batch: Batch): Promise<void> => {
    const carried = picture;
    try {
      withoutLost(batch.changes);
      const request = sealCommit(batch.changes, ownership.head());
      holdBack(carried, batch.changes);
      const startedMs = clock.monotonicMs();
      const response = await commit(request);
      ownership.committed(request.commitSeq);
      events.committed(countRows(batch.changes), clock.monotonicMs() - startedMs);
      settle(carried, batch.changes, response);
      batch.answered.resolve();
      options.onCommitted(batch.changes);
    } catch (error) {
      reset(error, batch);
    }
  };

  const settle = (carried: Picture, changes: ChangeSet, response: CommitResponse) => {
    const at = moment();
    settleCommit(carried, changes, response, at.monotonicMs);
    const deciding = decidingAt(at);
    for (const run of changes.runs) if (run.isRefused) followRun(deciding, at, run);
    afterDeciding(deciding, at);
  };

  /** Repeats the commit under its number until it is answered, however long the ledger is away. */
  const commit = async (request: CommitRequest): Promise<CommitResponse> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await options.ledger.commit(request, { timeoutMs: COMMIT_TIMEOUT_MS });
      } catch (error) {
        if (!isRetryable(error) || stopping.signal.aborted) throw error;
        events.commitDelayed(error);
        await clock.sleep(backoffMs({ attempt, firstMs: 20, maxMs: 1_000 }), stopping.signal);
      }
    }
  };

  /** The ledger refused everything: whoever waits is told, and the picture is built anew. */
  const reset = (error: unknown, batch: Batch) => {
    events.pictureDropped(error, reasonOf(error));
    const later = open;
    open = createBatch();
    for (const dag of picture.dags.values()) dag.isOwned = false;
    picture = createPicture(options.timing);
    ownership.dropAll();
    for (const lost of [batch, later]) {
      lost.answered.reject(
        fail('not_owner', 'this scheduler lost its partitions; ask the new owner'),
      );
    }
  };

  return {
    picture: () => picture,
    moment,
    decide,
    waitForLeases: async (waiter, { ms, signal }) => {
      const served = Promise.withResolvers<readonly Attempt[]>();
      const leave = () => {
        if (!resolvers.delete(waiter)) return;
        picture.waiters.delete(waiter);
        served.resolve([]);
      };
      picture.waiters.add(waiter);
      resolvers.set(waiter, served.resolve);
      if (signal.aborted) leave();
      const timer = clock.timer(ms, leave);
      signal.addEventListener('abort', leave, { once: true });
      stopping.signal.addEventListener('abort', leave, { once: true });
      return served.promise.finally(() => {
        timer.cancel();
        signal.removeEventListener('abort', leave);
        stopping.signal.removeEventListener('abort', leave);
      });
    },
    idle: async () => {
      while (underWay !== undefined) await underWay.answered.promise.catch(() => undefined);
    },
    stop: async () => {
      stopping.abort();
      while (underWay !== undefined) await underWay.answered.promise.catch(() => undefined);
    },
  };
}

/** Whether an attempt that was leased is really there: the ledger may have refused its slots. */
export function isLive(attempt: Attempt): boolean {
  return attempt.instance.attempt === attempt;
}

function createBatch(): Batch {
  const answered = Promise.withResolvers<void>();
  // Nobody may be waiting for this batch.
  answered.promise.catch(() => undefined);
  return { changes: createChangeSet(), answered };
}

/** A run ended: its DAG has room for the next ones. */
function followRun(deciding: Deciding, moment: Moment, run: Run): void {
  const { dag } = run;
  if (!dag.isOwned) return;
  if (run.runType === RunType.SCHEDULED && !run.isRefused) dag.scheduledCount -= 1;
  startRuns(deciding, moment, dag);
  createDueRuns(deciding, moment, dag);
}
