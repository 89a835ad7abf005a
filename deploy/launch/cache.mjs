// Where the launcher keeps what it fetched: plain JavaScript, because it runs before Node 24 is
// there.
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Folder of everything fetched once per account: the right Node, nats-server, the Python
 * environment.
 */
export const cacheFolder =
  process.env.DAGMESH_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dagmesh');
