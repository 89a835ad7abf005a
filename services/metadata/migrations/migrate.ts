// Brings a database to this version's tables: the numbered files beside this one, each once, in
// order, never backwards.
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createSource } from '../catalog/source.ts';
import { asDoorError } from '../ledger/database/database-error.ts';

const FOLDER = new URL('./', import.meta.url);
const FILE_NAME = /^(\d{3})_([a-z_]+)\.sql$/;
/** TypeORM keeps the order by a number of this length at the end of a migration's name. */
const NUMBER_LENGTH = 13;
/** How long a starting service waits for another one that migrates. */
const LOCK_WAIT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Runs the migrations that the database lacks and answers their names; safe to run from many
 * processes at once, and again. Rejects with `database_unavailable` when PostgreSQL is away, and
 * with its error when a migration fails: each migration is applied whole or not at all.
 */
export async function migrate(databaseUrl: string): Promise<readonly string[]> {
  try {
    return await withMigrationLock(databaseUrl, () => runPending(databaseUrl));
  } catch (error) {
    throw asDoorError(error);
  }
}

async function runPending(databaseUrl: string): Promise<readonly string[]> {
  const source = createSource(databaseUrl, () => undefined);
  source.setOptions({ migrations: migrationClasses(), migrationsTableName: 'schema_migration' });
  await source.initialize();
  try {
    const done = await source.runMigrations({ transaction: 'each' });
    return done.map((migration) => migration.name.slice(0, -NUMBER_LENGTH));
  } finally {
    await source.destroy();
  }
}

/** One process migrates at a time; the lock ends with its connection, however that ends. */
async function withMigrationLock<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'dagmesh-migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_WAIT_MS,
  });
  // The next query on a broken connection rejects; the event would end the program.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`select pg_advisory_lock(hashtext('dagmesh.migrate'))`);
    return await work();
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** TypeORM wants classes whose names end in a number: `ledger0000000000002` for 002_ledger.sql. */
function migrationClasses(): (new () => MigrationInterface)[] {
  return readdirSync(FOLDER)
    .filter((file) => FILE_NAME.test(file))
    .sort()
    .map((file) => {
      const [, number = '', noun = ''] = FILE_NAME.exec(file) ?? [];
      const statements = readFileSync(new URL(file, FOLDER), 'utf8');
      return class implements MigrationInterface {
        readonly name = `${noun}${number.padStart(NUMBER_LENGTH, '0')}`;
        async up(runner: QueryRunner): Promise<void> {
          await runner.query(statements);
        }
        async down(): Promise<void> {
          throw new Error('migrations go forward only; restore a backup instead');
        }
      };
    });
}
