// What a git that was killed has left in a repository: nobody else would ever remove it.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

// The git of another dag-processor may live here: it holds a lock for moments, and writes a pack
// for as long as a fetch may take.
const REMAINS = [
  { name: /\.lock$/, deadAfterMs: 30_000 },
  { name: /^objects\/(.+\/)?tmp_[^/]+$/, deadAfterMs: 3_600_000 },
];

/**
 * Removes the locks and the unfinished packs of a repository that no git can be at work with any
 * more; answers how many there were. No branch has a name that ends as a lock's, and none is among
 * the objects.
 */
export async function removeRemains(folder: string, nowMs: number): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  let removedCount = 0;
  for (const name of names) {
    const kind = REMAINS.find((each) => each.name.test(name));
    if (kind === undefined) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined || found.mtimeMs > nowMs - kind.deadAfterMs) continue;
    await rm(join(folder, name), { recursive: true, force: true });
    removedCount += 1;
  }
  return removedCount;
}
