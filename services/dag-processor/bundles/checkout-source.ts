// Where the checkouts of a bundle come from: a repository, or a folder of this machine.
import { join } from 'node:path';
import type { Clock } from '#kernel/clock/clock.ts';
import type { Bundle, Checkout } from '../core/bundle.ts';
import { createGit } from './git.ts';
import { createGitCheckouts } from './git-checkouts.ts';
import { createLinkedFolder } from './linked-folder.ts';

/** What a look at a bundle's source gave: maybe an older checkout, and a problem beside it. */
export type Refreshed = {
  /** Undefined when there is none. */
  readonly checkout: Checkout | undefined;
  /** Why there may be something newer; undefined when all is well. */
  readonly problem: string | undefined;
};

/** Looks at the source now. Never rejects. */
export type CheckoutSource = () => Promise<Refreshed>;

/** What a bundle's source takes. */
export type CheckoutSourceOptions = {
  /** The folder of all bundles, absolute. */
  readonly bundlesFolder: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** The source of a bundle. Workers find its checkouts in `<bundlesFolder>/<name>/<version>`. */
export function createCheckoutSource(
  { name, source, subfolder }: Bundle,
  { bundlesFolder, clock, signal }: CheckoutSourceOptions,
): CheckoutSource {
  const folder = join(bundlesFolder, name);
  if (source.kind === 'folder') {
    return createLinkedFolder({ root: join(source.folder, subfolder), folder });
  }
  const { url, ref } = source;
  const mirror = join(bundlesFolder, '.mirrors', name);
  return createGitCheckouts({
    ...{ url, ref, subfolder, mirror, folder, clock },
    git: createGit({ signal }),
  });
}
