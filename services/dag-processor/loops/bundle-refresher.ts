// Asks a git bundle's repository for new commits every now and then, and tells of each.
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Events } from '../events.ts';
import type { GitBundle } from '../bundles/git-bundle.ts';
import { loopPart } from './loop-part.ts';

/** What refreshing takes. */
export type BundleRefresherOptions = {
  readonly name: string;
  readonly bundle: GitBundle;
  readonly everyMs: number;
  /** Called when there is another checkout. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

// An hour without DAGs because a network came up late would be too long.
const FAILED_AGAIN_MAX_MS = 20_000;
const FAILED_AGAIN_FIRST_MS = 1_000;

/** Refreshes from `start` until `signal` aborts. */
export function createBundleRefresher(options: BundleRefresherOptions): Part {
  const { name, bundle, everyMs, clock, signal, events } = options;
  let failuresCount = 0;
  const refresh = async (): Promise<number> => {
    const { isChanged, problem } = await bundle.refresh();
    if (signal.aborted) return everyMs;
    if (isChanged) {
      events.bundleRefreshed(name, bundle.tree().version);
      options.onChange();
    }
    if (problem === undefined) {
      failuresCount = 0;
      return everyMs;
    }
    events.bundleFailed(name, problem);
    const again = backoffMs({
      attempt: failuresCount,
      firstMs: FAILED_AGAIN_FIRST_MS,
      maxMs: FAILED_AGAIN_MAX_MS,
    });
    failuresCount += 1;
    return Math.min(everyMs, again);
  };
  return loopPart(`refresher of bundle ${name}`, signal, async () => {
    while (!signal.aborted) await clock.sleep(await refresh(), signal);
  });
}
