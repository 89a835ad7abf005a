// The checkouts of a bundle: a folder for each version, there as a whole or not at all.
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { CURRENT } from '../core/bundle/bundle.ts';

/** The folder of one bundle's checkouts. */
export type Checkouts = {
  /**
   * The folder of a version; `fill` is called to fill an empty one when it is not there. Rejects
   * when that fails, and leaves nothing.
   */
  take(version: string, fill: (folder: string) => Promise<void>): Promise<string>;
  /** Whether a version is there. */
  has(version: string): Promise<boolean>;
  /** Removes all versions but those in use and those that were taken last. */
  prune(inUse: ReadonlySet<string>): Promise<void>;
};

/** Names of finished checkouts; all others are ours alone. */
const COMMIT = /^[0-9a-f]{40,64}$/;
const UNFINISHED = '.unfinished-';
const SUBFOLDER = '.subfolder';
// Another dag-processor of this machine may be at work on one.
const ABANDONED_AFTER_MS = 3_600_000;

/** Whether a version of a bundle is a commit. */
export function isCommit(version: string): boolean {
  return COMMIT.test(version);
}

/** The checkouts in a folder, of which `keptMax` are kept although nobody uses them. */
export function createCheckouts(options: {
  readonly folder: string;
  /** Of the repository, which is what is checked out. */
  readonly subfolder: string;
  readonly keptMax: number;
  readonly nowMs: () => number;
}): Checkouts {
  const { folder, keptMax, nowMs } = options;
  let isSettled = false;
  return {
    async take(version, fill) {
      if (!isSettled) await removeOthers(options);
      isSettled = true;
      const finished = join(folder, version);
      const now = new Date(nowMs());
      if (await isFolder(finished)) {
        // Taken again, as when a branch goes back: it counts as new.
        await utimes(finished, now, now);
        return finished;
      }
      const unfinished = join(folder, `${UNFINISHED}${version}-${process.pid}`);
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { recursive: true });
      try {
        await fill(unfinished);
        await utimes(unfinished, now, now);
        await rename(unfinished, finished).catch(async (error: unknown) => {
          // Another dag-processor of this machine was faster.
          if (!(await isFolder(finished))) throw error;
        });
      } finally {
        await rm(unfinished, { recursive: true, force: true });
      }
      return finished;
    },
    has: (version) => isFolder(join(folder, version)),
    async prune(inUse) {
      const names = await readdir(folder);
      const finished = await withTimes(
        folder,
        names.filter((name) => isCommit(name) && !inUse.has(name)),
      );
      const unfinished = await withTimes(
        folder,
        names.filter((name) => name.startsWith(UNFINISHED)),
      );
      const gone = [
        ...finished.sort((a, b) => b.takenMs - a.takenMs).slice(keptMax),
        ...unfinished.filter(({ takenMs }) => takenMs < nowMs() - ABANDONED_AFTER_MS),
      ];
      for (const { name } of gone) await rm(join(folder, name), { recursive: true, force: true });
    },
  };
}

/** Checkouts of another subfolder have the names of ours, and other files. */
async function removeOthers(of: { readonly folder: string; readonly subfolder: string }) {
  const note = join(of.folder, SUBFOLDER);
  await mkdir(of.folder, { recursive: true });
  const before = await readFile(note, 'utf8').catch(() => of.subfolder);
  const others = before === of.subfolder ? [] : (await readdir(of.folder)).filter(isCommit);
  for (const name of others) await rm(join(of.folder, name), { recursive: true, force: true });
  await writeFile(note, of.subfolder);
}

/**
 * Makes a folder that changes in place known to workers as the version `current` of a bundle, by a
 * link in the bundle's folder.
 */
export async function linkFolder(path: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const link = join(folder, `${UNFINISHED}${CURRENT}-${process.pid}`);
  await rm(link, { force: true });
  await symlink(path, link);
  await rename(link, join(folder, CURRENT));
}

async function withTimes(folder: string, names: readonly string[]) {
  const found = await Promise.all(
    names.map(async (name) => ({ name, stats: await statOf(join(folder, name)) })),
  );
  return found.flatMap(({ name, stats }) =>
    stats === undefined ? [] : [{ name, takenMs: stats.mtimeMs }],
  );
}

async function isFolder(path: string): Promise<boolean> {
  return (await statOf(path))?.isDirectory() ?? false;
}

function statOf(path: string) {
  return stat(path).catch(() => undefined);
}
