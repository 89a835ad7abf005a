// A real PostgreSQL for tests: one cluster per test file, a fresh database per call.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { giveTo, serverAccount } from '../../services/standalone/embedded/account.ts';
import { startPostgres as startEmbedded } from '../../services/standalone/embedded/postgres.ts';
import { atExit, signalServer } from './at-exit.ts';
import { killAtOnce } from './program.ts';

export type TestPostgres = {
  /** Makes a database and answers its URL (unix socket). */
  createDatabase(): Promise<string>;
  readonly port: number;
  readonly pid: number;
  /** Stops the server and starts it again on the same data. */
  restart(): Promise<void>;
  /** kill −9 of the postmaster, then a fresh start on the same data. */
  crash(): Promise<void>;
  /** Stops and deletes everything. */
  stop(): Promise<void>;
};

/**
 * Starts a cluster in a temporary folder. fsync is off: what tests lose in a power cut is nothing.
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = { fsync: 'off' },
): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'dagmesh-test-pg-'));
  giveTo(serverAccount(), folder);
  const dataFolder = join(folder, 'data');
  const options = { dataFolder, password: 'test', settings };
  const marks = { pidFile: join(dataFolder, 'postmaster.pid'), mark: dataFolder };
  const callOff = atExit(() => signalServer(marks, 'SIGQUIT'));
  let server = await startEmbedded(options);
  let databasesCount = 0;
  const again = async () => {
    server = await startEmbedded({ ...options, port: server.port });
  };
  return {
    get port() {
      return server.port;
    },
    get pid() {
      return server.pid;
    },
    createDatabase: async () => {
      databasesCount += 1;
      const name = `test_${databasesCount}`;
      await execute(tcpUrl(server.port, 'postgres'), `create database ${name}`);
      return tcpUrl(server.port, name);
    },
    restart: async () => {
      await server.stop();
      await again();
    },
    crash: async () => {
      await killAtOnce(server.pid);
      await again();
    },
    stop: async () => {
      await server.stop();
      callOff();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function execute(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

// TCP on a fixed port, so that the URL survives a restart.
function tcpUrl(port: number, database: string): string {
  return `postgres://dagmesh:test@127.0.0.1:${port}/${database}`;
}
