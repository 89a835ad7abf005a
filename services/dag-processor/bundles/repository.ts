// A bundle's git repository on this machine: fetched as a whole, without files, and never pruned.
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readAddress, withoutSecrets } from '../core/bundle/address.ts';
import type { BundleConfig } from '../core/bundle/bundle.ts';
import type { Git } from './git.ts';
import { removeRemains } from './remains.ts';

/** A repository. What goes wrong is a sentence for people, without secrets. */
export type Repository = {
  /** Fetches what is new; what a killed git has left in its way is removed. */
  fetch(): Promise<void>;
  /** Packs what many fetches have left, when it is much; loses no commit. */
  tidy(): Promise<void>;
  /** The commit that the bundle's ref names, as of the latest fetch. */
  newest(): Promise<string>;
  /** Puts the files of a commit into an empty folder. Fetches the commit when it is not here. */
  checkOut(commit: string, empty: string): Promise<void>;
  /** The files of a commit, as `git ls-tree -r -z` lists them. */
  list(commit: string): Promise<string>;
};

const FETCH_TIME_MAX_MS = 600_000;
const LOCAL_TIME_MAX_MS = 120_000;
const LISTING_MAX_BYTES = 64 * 1024 * 1024;
/** What the remote's HEAD is kept as. */
const REMOTE_HEAD = 'refs/dagmesh/head';

type Parts = {
  readonly config: Extract<BundleConfig, { kind: 'git' }>;
  /** Absolute; is made by the first fetch. */
  readonly folder: string;
  readonly git: Git;
  readonly nowMs: () => number;
};

// Commits that no branch has any more may be needed by runs: they are kept, in a pack of their own.
const TIDY = ['gc.autoDetach=false', 'gc.pruneExpire=never', 'gc.cruftPacks=true'].flatMap(
  (setting) => ['-c', setting],
);

/** A repository in a folder of its own. */
export function openRepository({ config, folder, git, nowMs }: Parts): Repository {
  const { ref, subfolder } = config;
  const { url } = readAddress(config.url);
  const shown = withoutSecrets(url);
  const ask = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    git([`--git-dir=${folder}`, ...args], { timeMaxMs: LOCAL_TIME_MAX_MS, env });
  const fetchRefs = async (refs: readonly string[], timeMaxMs = FETCH_TIME_MAX_MS) => {
    const fetch = ['fetch', '--quiet', '--prune', '--no-tags', '--no-auto-maintenance'];
    await git([`--git-dir=${folder}`, ...fetch, '--', url, ...refs], { timeMaxMs });
  };
  const sweep = () => removeRemains(folder, nowMs());
  const commitOf = async (name: string) => {
    const parse = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`];
    return (await ask(parse).catch(() => '')).trim();
  };
  let isSwept = false;
  // Only the subfolder is checked out, as the root: paths of DAG files count from there.
  const treeOf = (commit: string) =>
    subfolder === '' ? `${commit}^{tree}` : `${commit}:${subfolder}`;

  return {
    async fetch() {
      await makeOnce(folder, git);
      if (!isSwept) await sweep();
      isSwept = true;
      const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
      await freed(sweep, () => fetchRefs(ref === '' ? [...refs, `+HEAD:${REMOTE_HEAD}`] : refs));
    },
    async tidy() {
      const collect = [`--git-dir=${folder}`, ...TIDY, 'gc', '--auto', '--quiet'];
      await freed(sweep, () => git(collect, { timeMaxMs: FETCH_TIME_MAX_MS }));
    },
    async newest() {
      // A branch is meant before a tag, a tag before a commit.
      const names = ref === '' ? [REMOTE_HEAD] : [`refs/heads/${ref}`, `refs/tags/${ref}`, ref];
      for (const name of names) {
        const commit = await commitOf(name);
        if (commit === '') continue;
        const kind = await ask(['cat-file', '-t', treeOf(commit)]).catch(() => '');
        if (kind.trim() === 'tree') return commit;
        throw new Error(`commit ${commit} of ${shown} has no folder "${subfolder}"; mend it`);
      }
      const lack = ref === '' ? 'no commit yet' : `no branch, tag or commit "${ref}"`;
      throw new Error(`${shown} has ${lack}; mend the ref of the bundle`);
    },
    async checkOut(commit, empty) {
      if ((await commitOf(commit)) === '') await fetchRefs([commit], LOCAL_TIME_MAX_MS);
      await withIndex(`${empty}.index`, async (env) => {
        await ask(['read-tree', treeOf(commit)], env);
        await ask([`--work-tree=${empty}`, 'checkout-index', '--all', '--force'], env);
      });
    },
    async list(commit) {
      const list = [`--git-dir=${folder}`, 'ls-tree', '-r', '-z', '--full-tree', treeOf(commit)];
      return git(list, { timeMaxMs: LOCAL_TIME_MAX_MS, outputMaxBytes: LISTING_MAX_BYTES });
    },
  };
}

/** Does what a lock may be in the way of; once again when it was a dead one's. */
async function freed(sweep: () => Promise<number>, work: () => Promise<unknown>): Promise<void> {
  await work().catch(async (error: unknown) => {
    if ((await sweep()) === 0) throw error;
    await work();
  });
}

/** Works with an index of its own: the repository is bare, and others may check out as well. */
async function withIndex(
  index: string,
  work: (env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  // One of our name may have been killed at this very commit.
  await rm(`${index}.lock`, { force: true });
  try {
    await work({ GIT_INDEX_FILE: index });
  } finally {
    await rm(index, { force: true });
  }
}

/** It is there as a whole or not at all, whenever we are killed. */
async function makeOnce(folder: string, git: Git): Promise<void> {
  const isMade = async () =>
    (await stat(join(folder, 'HEAD')).catch(() => undefined)) !== undefined;
  if (await isMade()) return;
  const made = `${folder}-${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  await rm(made, { recursive: true, force: true });
  try {
    const init = ['init', '--quiet', '--bare', '--template=', '--', made];
    await git(init, { timeMaxMs: LOCAL_TIME_MAX_MS });
    // Another dag-processor of this machine may have been faster.
    if (await isMade()) return;
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}
