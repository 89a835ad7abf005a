// The preamble of a test file, in one line: PostgreSQL, a metadata service on it, and a scheduler
// that owns all partitions.
import { afterAll, beforeAll } from 'vitest';
import { execute, startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import { aScheduler, type TestScheduler } from './builders.ts';
import { startMetadata, type TestClients, type TestMetadata } from './metadata.ts';

/** What the tests of a file work with; nothing of it answers before their `beforeAll`. */
export type MetadataRoom = {
  readonly metadata: TestClients;
  /** Owns all partitions. */
  readonly scheduler: TestScheduler;
  /** The rows of one statement, sent past the service. */
  rowsOf(text: string): Promise<Record<string, unknown>[]>;
  /** Where the database is, for connections that do what services would not. */
  databaseUrl(): string;
  /** Another service on the same database; whoever starts it stops it. */
  another(): Promise<TestMetadata>;
};

/** Starts before the tests of this file, ends after them. Call it at the top of the file. */
export function useMetadata(): MetadataRoom {
  let postgres: TestPostgres;
  let databaseUrl: string;
  let metadata: TestMetadata;
  let scheduler: TestScheduler;
  beforeAll(async () => {
    postgres = await startPostgres();
    databaseUrl = await postgres.createDatabase();
    metadata = await startMetadata(databaseUrl);
    scheduler = await aScheduler(metadata);
  });
  afterAll(async () => {
    await metadata.stop();
    await postgres.stop();
  });
  return {
    metadata: { as: (caller, service) => metadata.as(caller, service) },
    scheduler: {
      get id() {
        return scheduler.id;
      },
      get epochs() {
        return scheduler.epochs;
      },
      renew: (options) => scheduler.renew(options),
      commit: (changes, dagId) => scheduler.commit(changes, dagId),
      request: (changes, dagId) => scheduler.request(changes, dagId),
    },
    rowsOf: async (text) => (await execute(databaseUrl, text)).rows,
    databaseUrl: () => databaseUrl,
    another: () => startMetadata(databaseUrl),
  };
}
