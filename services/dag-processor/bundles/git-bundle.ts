// A bundle that is a git repository: fetches it, and checks out the commit that its ref names.
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#kernel/errors/errors.ts';
import type { BundleConfig, Tree } from '../core/bundle.ts';
import type { Checkouts } from './checkouts.ts';
import type { Git } from './git.ts';

/** What came of asking a repository. */
export type Refreshed = {
  /** Whether there is another checkout now. */
  readonly isChanged: boolean;
  /** Why there may be something newer, in a sentence; undefined when all is well. */
  readonly problem: string | undefined;
};

/** A git bundle. */
export type GitBundle = {
  /** The latest checkout; throws a sentence while there is none. */
  tree(): Tree;
  /**
   * Fetches and checks out. While the repository cannot be fetched, what was fetched before is in
   * force.
   */
  refresh(): Promise<Refreshed>;
};

/** What a git bundle is made of. */
export type GitBundleOptions = {
  readonly config: Extract<BundleConfig, { kind: 'git' }>;
  /** Absolute; holds the repository and the checkouts of this bundle. */
  readonly folder: string;
  readonly git: Git;
  readonly checkouts: Checkouts;
};

const FETCH_TIME_MAX_MS = 600_000;
const LOCAL_TIME_MAX_MS = 120_000;

/** A bundle that has fetched nothing yet. */
export function createGitBundle(options: GitBundleOptions): GitBundle {
  const { config, checkouts } = options;
  let tree: Tree | undefined;
  let lack = 'it is being fetched for the first time';
  const checkOutNewest = async (): Promise<boolean> => {
    const version = await commitOf(options);
    if (version === tree?.version) return false;
    const root = await checkouts.take(version, (empty) => checkOut(options, version, empty));
    tree = { bundleName: config.name, version, root };
    await checkouts.prune();
    return true;
  };
  return {
    tree() {
      if (tree === undefined) throw new Error(`it is not here yet: ${lack}`);
      return tree;
    },
    async refresh() {
      let problem = await fetchAll(options).then(() => undefined, messageOf);
      let isChanged = false;
      try {
        isChanged = await checkOutNewest();
      } catch (error) {
        problem ??= messageOf(error);
      }
      lack = problem ?? lack;
      return { isChanged, problem };
    },
  };
}

function repositoryOf({ folder }: GitBundleOptions): string {
  return join(folder, '.repository');
}

async function fetchAll(options: GitBundleOptions): Promise<void> {
  const { git, config } = options;
  const repository = repositoryOf(options);
  await mkdir(options.folder, { recursive: true });
  if ((await stat(join(repository, 'HEAD')).catch(() => undefined)) === undefined) {
    const init = ['init', '--quiet', '--bare', '--template=', '--', repository];
    await git(init, { timeMaxMs: LOCAL_TIME_MAX_MS });
  }
  const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
  const fetch = ['fetch', '--quiet', '--prune', '--no-tags', '--no-auto-maintenance'];
  await git([`--git-dir=${repository}`, ...fetch, '--', config.url, ...refs], {
    timeMaxMs: FETCH_TIME_MAX_MS,
  });
}

/** A branch is meant before a tag, a tag before a commit. */
async function commitOf(options: GitBundleOptions): Promise<string> {
  const { git, config } = options;
  const { ref, url } = config;
  const parse = ['rev-parse', '--quiet', '--verify', '--end-of-options'];
  for (const name of [`refs/heads/${ref}`, `refs/tags/${ref}`, ref]) {
    const args = [`--git-dir=${repositoryOf(options)}`, ...parse, `${name}^{commit}`];
    const commit = await git(args, { timeMaxMs: LOCAL_TIME_MAX_MS }).catch(() => '');
    if (commit === '') continue;
    await checkSubfolder(options, commit.trim());
    return commit.trim();
  }
  throw new Error(`${url} has no branch, tag or commit "${ref}"; mend the ref of the bundle`);
}

async function checkSubfolder(options: GitBundleOptions, commit: string): Promise<void> {
  const { git, config } = options;
  const args = [`--git-dir=${repositoryOf(options)}`, 'cat-file', '-t', treeOf(options, commit)];
  const kind = await git(args, { timeMaxMs: LOCAL_TIME_MAX_MS }).catch(() => '');
  if (kind.trim() === 'tree') return;
  throw new Error(`commit ${commit} of ${config.url} has no folder "${config.subfolder}"; mend it`);
}

/** Only the subfolder is checked out, as the root: paths of DAG files count from there. */
function treeOf({ config }: GitBundleOptions, commit: string): string {
  return config.subfolder === '' ? `${commit}^{tree}` : `${commit}:${config.subfolder}`;
}

async function checkOut(options: GitBundleOptions, commit: string, empty: string): Promise<void> {
  const repository = `--git-dir=${repositoryOf(options)}`;
  // An index of its own: the repository is bare, and others may check out at the same time.
  const index = `${empty}.index`;
  const local = { timeMaxMs: LOCAL_TIME_MAX_MS, env: { GIT_INDEX_FILE: index } };
  try {
    await options.git([repository, 'read-tree', treeOf(options, commit)], local);
    const fill = ['checkout-index', '--all', '--force'];
    await options.git([repository, `--work-tree=${empty}`, ...fill], local);
  } finally {
    await rm(index, { force: true });
  }
}
