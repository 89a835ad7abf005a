// Brings the newest commit of a repository into a folder of its own, which never changes after.
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock/clock.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import type { Checkout } from '../core/bundle.ts';
import type { CheckoutSource } from './checkout-source.ts';
import type { Git } from './git.ts';

/** What checking out takes. */
export type GitCheckoutsOptions = {
  readonly url: string;
  readonly ref: string;
  readonly subfolder: string;
  /** Of the copy of the repository. */
  readonly mirror: string;
  /** Of the commits: `<folder>/<commit>`. */
  readonly folder: string;
  readonly git: Git;
  readonly clock: Clock;
};

/** How many commits before the newest one stay, for runs that began with them. */
const OLD_COMMITS_MAX = 20;
const REMOTE_HEAD = 'refs/dagmesh/head';
const REFSPECS = [
  `+HEAD:${REMOTE_HEAD}`,
  '+refs/heads/*:refs/heads/*',
  '+refs/tags/*:refs/tags/*',
];
const COMMIT = /^[0-9a-f]{40,64}$/;

/**
 * The checkouts of one repository. While it cannot be fetched, the newest commit that was fetched
 * before is in force.
 */
export function createGitCheckouts(options: GitCheckoutsOptions): CheckoutSource {
  const inMirror = (args: readonly string[], how?: { readonly indexFile: string }) =>
    options.git([`--git-dir=${options.mirror}`, ...args], how);
  return async () => {
    const problem = await fetchAll(options, inMirror).then(() => undefined, messageOf);
    try {
      return { checkout: await checkOutNewest(options, inMirror), problem };
    } catch (error) {
      return { checkout: undefined, problem: problem ?? messageOf(error) };
    }
  };
}

async function fetchAll({ git, mirror, url }: GitCheckoutsOptions, inMirror: Git): Promise<void> {
  await mkdir(mirror, { recursive: true });
  await git(['init', '--quiet', '--bare', mirror]);
  await inMirror(['fetch', '--quiet', '--force', '--prune', '--no-tags', '--', url, ...REFSPECS]);
}

async function checkOutNewest(options: GitCheckoutsOptions, inMirror: Git): Promise<Checkout> {
  const { ref, folder } = options;
  const name = ref === 'HEAD' ? REMOTE_HEAD : ref;
  const commit = await inMirror(['rev-parse', '--verify', `${name}^{commit}`]).catch(
    (error: unknown) => {
      throw new Error(`the repository has no branch, tag or commit ${ref}`, { cause: error });
    },
  );
  const root = join(folder, commit);
  if (!(await isThere(root))) {
    await exportCommit({ commit, root }, options, inMirror);
    await removeOld(commit, folder);
  }
  return { root, version: commit };
}

// Workers see a commit whole or not at all.
async function exportCommit(
  { commit, root }: { readonly commit: string; readonly root: string },
  { subfolder, folder, mirror, clock }: GitCheckoutsOptions,
  inMirror: Git,
): Promise<void> {
  const unfinished = join(folder, '.unfinished');
  const how = { indexFile: join(mirror, 'dagmesh-index') };
  await rm(unfinished, { recursive: true, force: true });
  await rm(how.indexFile, { force: true });
  await mkdir(unfinished, { recursive: true });
  const inFolder = [`--work-tree=${unfinished}`];
  await inMirror([...inFolder, 'read-tree', `${commit}:${subfolder}`], how);
  await inMirror([...inFolder, 'checkout-index', '--all', '--force', '--quiet'], how);
  // The order of commits is the order in which they came here.
  const now = new Date(clock.nowMs());
  await utimes(unfinished, now, now);
  await rename(unfinished, root);
}

async function removeOld(newest: string, folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => COMMIT.test(name) && name !== newest);
  const commits = await Promise.all(
    names.map(async (name) => ({ name, atMs: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = commits.sort((a, b) => b.atMs - a.atMs).slice(OLD_COMMITS_MAX);
  for (const { name } of old) await rm(join(folder, name), { recursive: true, force: true });
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
