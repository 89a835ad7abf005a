// The catalog's own way to PostgreSQL: TypeORM on two connections, with errors that callers
// understand.
import {
  DataSource,
  type EntityManager,
  type EntitySchema,
  type ObjectLiteral,
  type QueryDeepPartialEntity,
} from 'typeorm';
import { fail } from '#kernel/errors/errors.ts';
import { CATALOG_CHANNEL, type CatalogChange, toNotices } from '../feeds/catalog-feed.ts';
import { asDoorError } from '../ledger/database/database-error.ts';
import { type AuditEntity, AuditLog, ENTITIES } from './entities.ts';

/** The catalog, as RPCs see it. */
export type Catalog = {
  /** Runs `work` in one transaction; rejections are door errors. */
  change<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** Runs reads outside a transaction. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** Connects. */
  open(): Promise<void>;
  /** Disconnects. May be called twice. */
  close(): Promise<void>;
};

/** The catalog is written at a human pace. */
const CONNECTIONS_MAX = 2;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 20_000;

export function createCatalog(url: string, onIdleError: (error: Error) => void): Catalog {
  const source = createSource(url, onIdleError);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!source.isInitialized) throw fail('shutting_down', 'this service stops; retry elsewhere');
    try {
      return await work();
    } catch (error) {
      throw asDoorError(error);
    }
  };
  return {
    change: (work) => guarded(() => source.transaction(work)),
    read: (work) => guarded(() => work(source.manager)),
    open: async () => {
      await source.initialize();
    },
    close: async () => {
      if (source.isInitialized) await source.destroy();
    },
  };
}

/** A TypeORM data source; it never creates or changes tables by itself. */
export function createSource(url: string, onIdleError: (error: Error) => void): DataSource {
  return new DataSource({
    type: 'postgres',
    // Read by node-pg, which knows unix sockets; TypeORM's own parser of URLs does not.
    extra: {
      connectionString: url,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
      keepAlive: true,
    },
    applicationName: 'dagmesh-catalog',
    poolSize: CONNECTIONS_MAX,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolErrorHandler: onIdleError,
    entities: ENTITIES,
    installExtensions: false,
    synchronize: false,
    // Its logs of queries would hold parameters, and so secrets.
    logging: false,
  });
}

/**
 * Makes a row, or replaces these columns of the one with its key; false when it exists and must not
 * be replaced.
 */
export async function putRow<Row extends ObjectLiteral>(
  manager: EntityManager,
  table: EntitySchema<Row>,
  row: Row,
  options: { readonly key: string; readonly replaced: readonly string[] | 'none' },
): Promise<boolean> {
  const { key, replaced } = options;
  // TypeORM's own type for values allows expressions in each column, which a plain row is an
  // instance of.
  const values = row as QueryDeepPartialEntity<Row>;
  const insert = manager.createQueryBuilder().insert().into(table).values(values).returning(key);
  const put = replaced === 'none' ? insert.orIgnore() : insert.orUpdate([...replaced], [key]);
  const rows: readonly unknown[] = (await put.execute()).raw;
  return rows.length > 0;
}

/** Tells the watchers of every metadata service, once the transaction has committed. */
export async function announce(manager: EntityManager, change: CatalogChange): Promise<void> {
  for (const notice of toNotices(change)) {
    await manager.query('select pg_notify($1, $2)', [CATALOG_CHANNEL, notice]);
  }
}

/** Records who did what, in the same transaction. */
export async function audit(
  manager: EntityManager,
  entry: Pick<AuditEntity, 'actor' | 'action'> & { readonly details: object },
): Promise<void> {
  const { actor, action, details } = entry;
  const place = { dagId: '', runId: '', taskId: '' };
  await manager.insert(AuditLog, { actor, action, ...place, detailsJson: JSON.stringify(details) });
}
