// The npm packages, exactly as the lockfile has them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietly } from './steps.mjs';

/**
 * Installs the packages unless the ones here came from this very lockfile. `npm install --no-save`
 * keeps to the lockfile as `npm ci` does, but does not insist on builds for other platforms, which
 * a registry may lack.
 */
export async function ensurePackages({ root, env }) {
  const mark = join(root, 'node_modules', '.installed-from');
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) return 'are here';
  await quietly('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { cwd: root, env });
  writeFileSync(mark, digest);
  return 'installed';
}
