// What metadata tells its operators: one function per event, log line and counter together.
import { messageOf } from '#kernel/errors/errors.ts';
import type { Log } from '#kernel/log/log.ts';
import type { Metrics } from '#kernel/telemetry/metrics.ts';
import type { Shift } from './core/share-partitions.ts';

/** How a commit ended. */
export type CommitEnd = 'applied' | 'repeated' | 'refused';

/** The events of this service. */
export type Events = ReturnType<typeof createEvents>;

export function createEvents(log: Log, metrics: Metrics) {
  return {
    ...ledgerEvents(metrics),
    ...databaseEvents(log, metrics),
    ...meshEvents(log, metrics),
    ...catalogEvents(log),
  };
}

function ledgerEvents(metrics: Metrics) {
  const commits = metrics.counter('dagmesh_ledger_commits_total', 'Commits by how they ended.', [
    'end',
  ]);
  const commitSeconds = metrics.histogram(
    'dagmesh_ledger_commit_seconds',
    'Time a commit took, with its wait for a connection.',
  );
  const rows = metrics.counter('dagmesh_ledger_rows_total', 'Rows written by commits, by table.', [
    'table',
  ]);
  const refusals = metrics.counter('dagmesh_ledger_refusals_total', 'Rows that commits refused.', [
    'kind',
  ]);
  return {
    committed: (end: CommitEnd, seconds: number) => {
      commits.inc({ end });
      commitSeconds.observe(seconds);
    },
    rowsWritten: (table: string, count: number) => {
      if (count > 0) rows.inc({ table }, count);
    },
    refused: (kind: 'run' | 'pool_slots', count: number) => {
      if (count > 0) refusals.inc({ kind }, count);
    },
  };
}

function databaseEvents(log: Log, metrics: Metrics) {
  const broken = metrics.counter(
    'dagmesh_database_connections_broken_total',
    'Connections to PostgreSQL that broke.',
  );
  return {
    migrated: (names: readonly string[]) => {
      log.info({ migrations: names }, 'database migrated');
    },
    waitsForDatabase: (error: unknown) => {
      log.warn({ reason: messageOf(error) }, 'database not reachable yet');
    },
    connectionBroke: (error: Error) => {
      broken.inc();
      log.warn({ reason: error.message }, 'database connection broke');
    },
    wentDeaf: () => {
      broken.inc();
      log.warn({}, 'listening connection broke');
    },
    pruneFailed: (error: unknown) => {
      log.warn({ reason: messageOf(error) }, 'pruning failed');
    },
    secretsRotated: (count: number) => {
      if (count > 0) log.info({ count }, 'secrets sealed anew with the newest key');
    },
  };
}

function meshEvents(log: Log, metrics: Metrics) {
  const moved = metrics.counter(
    'dagmesh_partitions_moved_total',
    'Partitions taken and given up by schedulers.',
    ['direction'],
  );
  return {
    partitionsMoved: (schedulerId: string, { take, give }: Shift) => {
      if (take.length + give.length === 0) return;
      moved.inc({ direction: 'taken' }, take.length);
      moved.inc({ direction: 'given' }, give.length);
      const counts = { takenCount: take.length, givenCount: give.length };
      log.info({ schedulerId, ...counts }, 'partitions moved');
    },
    schedulerReleased: (schedulerId: string) => {
      log.info({ schedulerId }, 'scheduler released its partitions');
    },
  };
}

function catalogEvents(log: Log) {
  return {
    dagFileStored: (path: string, changedDagIds: readonly string[]) => {
      if (changedDagIds.length > 0) log.info({ path, changedDagIds }, 'dag file stored');
    },
    importErrorStored: (path: string) => {
      log.warn({ path }, 'dag file has an import error');
    },
  };
}
