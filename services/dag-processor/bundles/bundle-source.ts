// Where the files of each bundle are: the DAG folder, a folder that is linked, a git repository.
import { join } from 'node:path';
import type { Clock } from '#kernel/clock/clock.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { readAddress } from '../core/bundle/address.ts';
import { type BundleConfig, CURRENT, type Tree } from '../core/bundle/bundle.ts';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import type { Events } from '../events.ts';
import type { IgnoreSyntax } from '../folder/scan-folder.ts';
import { createBundleRefresher } from '../loops/bundle-refresher.ts';
import { createCheckouts, linkFolder } from './checkouts.ts';
import { createGit } from './git.ts';
import { createGitBundle, type GitBundle } from './git-bundle.ts';
import { openRepository } from './repository.ts';

/** A bundle's files, and what keeps them up to date. */
export type BundleSource = {
  /** Empty for the DAG folder. */
  readonly bundleName: string;
  /** Where the files are now; throws a sentence while they are nowhere. */
  readonly tree: () => Tree;
  /** What has to run for that; `onChange` is called when the files are elsewhere. */
  readonly part: (onChange: () => void) => Part | undefined;
  /** Where old versions of the files are kept, if they are. */
  readonly git?: GitBundle;
};

/** What sources take. */
export type BundleSourceOptions = {
  /** Absolute; holds a folder for each bundle. */
  readonly bundlesFolder: string;
  /** Versions of a git bundle that stay checked out although nobody uses them. */
  readonly keptMax: number;
  readonly ignoreSyntax: IgnoreSyntax;
  readonly catalog: Pick<CatalogStore, 'claimBundleVersion'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

/** The DAG folder itself, which workers have as well. */
export function folderSource(root: string): BundleSource {
  return {
    bundleName: '',
    tree: () => ({ bundleName: '', version: '', root, surroundings: '', sequence: 0n }),
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
    tree: () => ({
      ...{ bundleName: name, version: CURRENT, root: path },
      ...{ surroundings: '', sequence: 0n },
    }),
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
  const { clock, signal, events, keptMax, ignoreSyntax } = options;
  const { name, refreshMs, subfolder } = config;
  const folder = join(options.bundlesFolder, name);
  const checkouts = createCheckouts({ folder, subfolder, keptMax, nowMs: clock.nowMs });
  const git = createGit({ clock, signal, credentials: readAddress(config.url).credentials });
  const place = { folder: join(folder, '.repository'), nowMs: clock.nowMs };
  const repository = openRepository({ config, git, ...place });
  const { claimBundleVersion: claim } = options.catalog;
  const bundle = createGitBundle({ bundleName: name, repository, checkouts, ignoreSyntax, claim });
  return {
    bundleName: name,
    tree: bundle.tree,
    git: bundle,
    part: (onChange) =>
      createBundleRefresher({
        ...{ name, bundle, everyMs: refreshMs, onChange },
        ...{ clock, signal, events },
      }),
  };
}
