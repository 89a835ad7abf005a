// Where the files of each bundle are: the DAG folder, a folder that is linked, a git repository.
import { join } from 'node:path';
import type { Clock } from '#kernel/clock/clock.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { type BundleConfig, CURRENT, type Tree } from '../core/bundle.ts';
import type { Events } from '../events.ts';
import { createBundleRefresher } from '../loops/bundle-refresher.ts';
import { createCheckouts, linkFolder } from './checkouts.ts';
import { createGit } from './git.ts';
import { createGitBundle } from './git-bundle.ts';

/** A bundle's files, and what keeps them up to date. */
export type BundleSource = {
  /** Empty for the DAG folder. */
  readonly bundleName: string;
  /** Where the files are now; throws a sentence while they are nowhere. */
  readonly tree: () => Tree;
  /** What has to run for that; `onChange` is called when the files are elsewhere. */
  readonly part: (onChange: () => void) => Part | undefined;
};

/** What sources take. */
export type BundleSourceOptions = {
  /** Absolute; holds a folder for each bundle. */
  readonly bundlesFolder: string;
  /** Versions of a git bundle that stay checked out. */
  readonly keptMax: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

/** The DAG folder itself, which workers have as well. */
export function folderSource(root: string): BundleSource {
  return {
    bundleName: '',
    tree: () => ({ bundleName: '', version: '', root }),
    part: () => undefined,
  };
}

/** A bundle of the operator's list. */
export function bundleSource(config: BundleConfig, options: BundleSourceOptions): BundleSource {
  return config.kind === 'git' ? gitSource(config, options) : linkedSource(config, options);
}

function linkedSource(
  { name, path }: Extract<BundleConfig, { kind: 'folder' }>,
  { bundlesFolder, events }: BundleSourceOptions,
): BundleSource {
  return {
    bundleName: name,
    tree: () => ({ bundleName: name, version: CURRENT, root: path }),
    part: () => ({
      name: `link of bundle ${name}`,
      async start() {
        // DAGs can be read without it; workers of this machine say what they miss.
        await linkFolder(path, join(bundlesFolder, name)).catch((error: unknown) =>
          events.bundleFailed(name, messageOf(error)),
        );
      },
      async stop() {},
    }),
  };
}

function gitSource(
  config: Extract<BundleConfig, { kind: 'git' }>,
  options: BundleSourceOptions,
): BundleSource {
  const { clock, signal, events, keptMax } = options;
  const { name, refreshMs } = config;
  const folder = join(options.bundlesFolder, name);
  const checkouts = createCheckouts({ folder, keptMax, nowMs: clock.nowMs });
  const bundle = createGitBundle({ config, folder, checkouts, git: createGit({ clock, signal }) });
  return {
    bundleName: name,
    tree: bundle.tree,
    part: (onChange) =>
      createBundleRefresher({
        ...{ name, bundle, everyMs: refreshMs, onChange },
        ...{ clock, signal, events },
      }),
  };
}
