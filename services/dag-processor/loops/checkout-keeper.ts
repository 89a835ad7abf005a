// Sees to it that the versions of git bundles that runs need are checked out, and no others.
import type { Clock } from '#kernel/clock/clock.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { GitBundle } from '../bundles/git-bundle.ts';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import type { Events } from '../events.ts';
import { loopPart } from './loop-part.ts';

/** What keeping takes. */
export type CheckoutKeeperOptions = {
  /** By name. */
  readonly bundles: ReadonlyMap<string, Pick<GitBundle, 'keep'>>;
  readonly everyMs: number;
  readonly catalog: Pick<CatalogStore, 'listBundleVersions'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Pick<Events, 'bundleFailed' | 'bundleVersionLost'>;
};

/** Keeps from `start` until `signal` aborts. While the catalog is away, all stays as it is. */
export function createCheckoutKeeper(options: CheckoutKeeperOptions): Part {
  const { clock, signal, everyMs } = options;
  return loopPart('keeper of checkouts', signal, async () => {
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal);
      await keepAll(options);
    }
  });
}

async function keepAll({ bundles, catalog, events, signal }: CheckoutKeeperOptions): Promise<void> {
  const inUse = await catalog.listBundleVersions();
  const keepOne = async ([name, bundle]: readonly [string, Pick<GitBundle, 'keep'>]) => {
    const own = inUse.filter(({ bundleName }) => bundleName === name);
    try {
      for (const lost of await bundle.keep(own.map(({ bundleVersion }) => bundleVersion))) {
        if (!signal.aborted) events.bundleVersionLost(name, lost.version, lost.reason);
      }
    } catch (error) {
      // A full disk, say: the next round tries again.
      if (!signal.aborted) events.bundleFailed(name, messageOf(error));
    }
  };
  await Promise.all([...bundles].map(keepOne));
}
