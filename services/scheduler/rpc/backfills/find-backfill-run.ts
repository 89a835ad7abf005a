// Finding the run of a date that a backfill processes again.
import { toTimestamp, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Reprocess } from '../../core/operation/backfills.ts';
import type { RpcContext } from '../context.ts';
import { findRun, type RunFinder } from '../find.ts';

/** How to get at the run; `run_not_found` when it has gone meanwhile. */
export async function findBackfillRun(
  context: RpcContext,
  { dag, date }: Reprocess,
): Promise<RunFinder> {
  const { dagId } = dag;
  const at = toTimestamp(fromTimestamp(date.logicalDate) ?? 0);
  const place =
    date.partitionKey === ''
      ? { fromDate: at, toDate: at, hasLogicalDate: true }
      : { partitionKeys: [date.partitionKey], isDescending: true };
  const { runs } = await context.ledger.listRuns({ dagId, ...place, limit: 1 });
  const [run] = runs;
  if (run === undefined) throw fail('run_not_found', `the run of a backfill's date is gone`);
  return findRun(context, { dagId, runId: run.runId });
}
