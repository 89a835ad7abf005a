// The folder where a standalone keeps everything: data, logs, secrets, and the lock that says who
// runs on it.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { randomToken } from '#kernel/clock/random.ts';
import { processEnv } from '#kernel/config/config.ts';
import { giveTo, isOpenToAll, serverAccount } from './embedded/account.ts';

/** What only this installation knows; made at its first start, readable by its owner alone. */
export type Secrets = {
  /** Signs service tokens and attempt tokens. */
  readonly clusterKey: string;
  /** Encrypts connections and secret variables; 32 bytes, base64. */
  readonly secretKey: string;
  readonly postgresPassword: string;
  /** Password of the database that the showcase writes its tables to. */
  readonly showcasePassword: string;
  readonly natsToken: string;
};

/** Paths inside the home folder. */
export type Home = {
  readonly folder: string;
  readonly postgres: string;
  readonly nats: string;
  readonly taskLogs: string;
  readonly serviceLog: string;
  readonly reports: string;
  /** Where bundles are checked out; the operator may have set another place. */
  readonly bundles: string;
  readonly adminToken: string;
  readonly secrets: Secrets;
  /** Gives the lock back. */
  release(): void;
};

/** Another standalone runs on this folder. */
export class HomeTakenError extends Error {}

/** Opens a home folder: makes it when absent, takes its lock, reads or makes its secrets. */
export function openHome(path: string): Home {
  const folder = resolve(path);
  mkdirSync(folder, { recursive: true });
  // PostgreSQL may run as another account and must pass through; the secrets inside are closed one
  // by one.
  chmodSync(folder, 0o755);
  const release = takeLock(join(folder, 'standalone.lock'));
  const home = {
    folder,
    postgres: clusterFolder(folder),
    nats: join(folder, 'nats'),
    taskLogs: join(folder, 'logs'),
    serviceLog: join(folder, 'standalone.log'),
    reports: join(folder, 'reports'),
    bundles: resolve(processEnv()['DAGMESH_BUNDLES_FOLDER'] ?? join(folder, 'bundles')),
    adminToken: join(folder, 'admin.token'),
    secrets: readSecrets(join(folder, 'secrets.json')),
    release,
  };
  for (const made of [home.taskLogs, home.reports]) mkdirSync(made, { recursive: true });
  return home;
}

/**
 * Where the database lies: in the home folder, unless PostgreSQL runs as another account that
 * cannot get there (root's homes are closed); then in a folder of its own that is named after the
 * home.
 */
function clusterFolder(folder: string): string {
  const account = serverAccount();
  if (account === undefined || isOpenToAll(folder)) return join(folder, 'postgres');
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const apart = join('/var/lib/dagmesh', name);
  mkdirSync(apart, { recursive: true, mode: 0o755 });
  giveTo(account, apart);
  return join(apart, 'postgres');
}

/** Writes a file that only its owner can read; nobody ever sees half of it. */
export function writePrivate(path: string, content: string): void {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, content, { mode: 0o600 });
  renameSync(partial, path);
}

function readSecrets(path: string): Secrets {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const secrets: Secrets = {
    clusterKey: randomToken(32),
    secretKey: Buffer.from(randomToken(32), 'base64url').toString('base64'),
    postgresPassword: randomToken(24),
    showcasePassword: randomToken(24),
    natsToken: randomToken(24),
  };
  writePrivate(path, `${JSON.stringify(secrets, undefined, 2)}\n`);
  return secrets;
}

/**
 * The lock names its owner by process id and start time, so that a reused id is not taken for it.
 */
function takeLock(path: string): () => void {
  const mine = `${process.pid} ${startTimeOf(process.pid)}`;
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      return () => {
        if (existsSync(path) && readFileSync(path, 'utf8') === mine) rmSync(path);
      };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const [pid, startedAt] = readFileSync(path, 'utf8').split(' ');
    if (startTimeOf(Number(pid)) === startedAt) {
      throw new HomeTakenError(
        `a standalone already runs on ${path.replace(/\/[^/]*$/, '')} (process ${pid}); stop it, or choose another folder with --home`,
      );
    }
    rmSync(path, { force: true });
  }
}

/** Start time of a live process in clock ticks since boot (field 22 of its stat), or undefined. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not looked yet.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
