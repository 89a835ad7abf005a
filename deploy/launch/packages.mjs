// The npm packages, exactly as the lockfile has them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietly } from './steps.mjs';

/** Installs the packages unless the ones here came from this very lockfile and this Node. */
export async function ensurePackages({ root, env }) {
  const mark = join(root, 'node_modules', '.installed-from');
  const digest = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) return 'are here';
  await quietly('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, env });
  writeFileSync(mark, digest);
  return 'installed';
}
