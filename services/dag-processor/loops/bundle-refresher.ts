// Asks a git bundle's repository for new commits every now and then, and tells of each.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Events } from '../events.ts';
import type { GitBundle } from '../bundles/git-bundle.ts';

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
const FAILED_AGAIN_MS = 30_000;

/** Refreshes from `start` until `signal` aborts. */
export function createBundleRefresher(options: BundleRefresherOptions): Part {
  const { name, bundle, everyMs, clock, signal, events } = options;
  let running: Promise<void> | undefined;
  const refresh = async (): Promise<number> => {
    const { isChanged, problem } = await bundle.refresh();
    if (signal.aborted) return everyMs;
    if (isChanged) {
      events.bundleRefreshed(name, bundle.tree().version);
      options.onChange();
    }
    if (problem === undefined) return everyMs;
    events.bundleFailed(name, problem);
    return Math.min(everyMs, FAILED_AGAIN_MS);
  };
  const run = async () => {
    while (!signal.aborted) await clock.sleep(await refresh(), signal);
  };
  return {
    name: `refresher of bundle ${name}`,
    async start() {
      running = run().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
    async stop() {
      await running;
    },
  };
}
