// Reads the finished runs that backfills process again, and hands them to the decision.
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { type Reprocess, reprocessRun } from '../core/operation/backfills.ts';
import { isRunFinished } from '../core/state.ts';
import type { SchedulerEvents } from '../events.ts';
import type { RunFinder } from '../rpc/find.ts';
import type { Engine } from './engine.ts';

const READ_AT_ONCE = 8;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;
/** A run that cannot be read so often is left to the next takeover. */
const ATTEMPTS_MAX = 20;

export type BackfillKeeper = Part & {
  /** Looks whether runs are wanted. */
  look(): void;
};

/** Answers what `picture.reprocessWanted` asks for. */
export function createBackfillKeeper(options: {
  readonly engine: () => Engine;
  /** How to get at a run by its date. */
  readonly find: (wanted: Reprocess) => Promise<RunFinder>;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
}): BackfillKeeper {
  const { clock, events } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Map<string, Promise<void>>();

  const take = async (wanted: Reprocess): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !signal.aborted; attempt += 1) {
      try {
        const find = await options.find(wanted);
        const isLatest = wanted.backfill.runOnLatestVersion;
        return await options.engine().decide((deciding, moment) => {
          if (!wanted.dag.isOwned) return;
          const run = find(deciding.picture, moment, { isLatest });
          if (isRunFinished(run.state)) reprocessRun(deciding, moment, run, wanted);
        });
      } catch (error) {
        if (signal.aborted || !wanted.dag.isOwned) return;
        events.reprocessFailed(error);
        const waitMs = backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
        await clock.sleep(waitMs, signal);
      }
    }
  };

  const look = (): void => {
    const { reprocessWanted } = options.engine().picture();
    for (const [key, wanted] of reprocessWanted) {
      if (signal.aborted || underWay.size >= READ_AT_ONCE) return;
      reprocessWanted.delete(key);
      if (underWay.has(key) || wanted.date.runId !== '') continue;
      const taking = take(wanted).finally(() => {
        underWay.delete(key);
        look();
      });
      underWay.set(key, taking);
    }
  };

  return {
    name: 'backfill-keeper',
    look,
    start: async () => {},
    stop: async () => {
      stopping.abort();
      await Promise.all(underWay.values());
    },
  };
}
