// Finds a nats-server that is new enough: on PATH, or in the launcher's cache.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.mjs';

/** Oldest version whose streams have every setting the bus needs. */
export const natsVersionMin = '2.10.0';

/** Path of the binary that the launcher installs. */
export const cachedNats = join(cacheFolder, 'bin', 'nats-server');

/** Path of a usable nats-server, or undefined. */
export function findNatsServer() {
  const onPath = (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'nats-server'));
  return [...onPath, cachedNats].find((path) => existsSync(path) && isNewEnough(path));
}

function isNewEnough(path) {
  try {
    const text = execFileSync(path, ['--version'], { encoding: 'utf8' });
    const version = /v?(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [0, 0, 0];
    const least = natsVersionMin.split('.').map(Number);
    const first = version.findIndex((part, index) => part !== least[index]);
    return first === -1 || version[first] > least[first];
  } catch {
    return false;
  }
}
