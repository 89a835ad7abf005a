// Copies a folder so that whoever sees the copy sees all of it, also when several copy at once.
import { chmodSync, cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';

/**
 * Copies a folder to where every account may read it, unless it was copied already. Of several that
 * copy at once the first one counts. Fails when there is no copy in the end.
 */
export function copyAtOnce(folder: string, copy: string): void {
  if (existsSync(copy)) return;
  const partial = mkdtempSync(`${copy}-`);
  try {
    cpSync(folder, partial, { recursive: true, verbatimSymlinks: true });
    chmodSync(partial, 0o755);
    renameSync(partial, copy);
  } catch (cause) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(copy)) throw new Error(`cannot copy ${folder} to ${copy}`, { cause });
  }
}
