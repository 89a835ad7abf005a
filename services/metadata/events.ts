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
  const moved = metrics.counter(
    'dagmesh_partitions_moved_total',
    'Partitions taken and given up by schedulers.',
    ['direction'],
  );
  const broken = metrics.counter(
    'dagmesh_database_connections_broken_total',
    'Connections to PostgreSQL that broke.',
  );

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
    partitionsMoved: (schedulerId: string, shift: Shift) => {
      if (shift.take.length + shift.give.length === 0) return;
      moved.inc({ direction: 'taken' }, shift.take.length);
      moved.inc({ direction: 'given' }, shift.give.length);
      log.info(
        { schedulerId, takenCount: shift.take.length, givenCount: shift.give.length },
        'partitions moved',
      );
    },
    schedulerReleased: (schedulerId: string) => {
      log.info({ schedulerId }, 'scheduler released its partitions');
    },
    dagFileStored: (path: string, changedDagIds: readonly string[]) => {
      if (changedDagIds.length > 0) log.info({ path, changedDagIds }, 'dag file stored');
    },
    importErrorStored: (path: string) => {
      log.warn({ path }, 'dag file has an import error');
    },
    secretsRotated: (count: number) => {
      if (count > 0) log.info({ count }, 'secrets sealed anew with the newest key');
    },
    pruneFailed: (error: unknown) => {
      log.warn({ reason: messageOf(error) }, 'pruning failed');
    },
  };
}
