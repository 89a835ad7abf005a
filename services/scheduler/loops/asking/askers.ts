// What decisions wait for because it has to be read first: the run before another, finished runs of
// backfills and with open SLAs, how earlier runs ended, what began before.
import { composeParts } from '#kernel/lifecycle/lifecycle.ts';
import type { Reprocess } from '../../core/operation/backfills.ts';
import type { RunFinder } from '../../rpc/find.ts';
import type { Asker, Asking } from './asker.ts';
import { createBackfillKeeper } from './backfill-keeper.ts';
import { createBeginsKeeper } from './begins-keeper.ts';
import { createHistoryKeeper } from './history-keeper.ts';
import { createPastKeeper } from './past-keeper.ts';
import { createSlaKeeper } from './sla-keeper.ts';

/** Answers everything that the picture asks the ledger for. */
export function createAskers(
  options: Asking<'listRuns' | 'loadBegins' | 'loadPast'> & {
    /** How to get at a run that a backfill processes again. */
    readonly find: (wanted: Reprocess) => Promise<RunFinder>;
    /** How to get at a run by its id. */
    readonly findRun: (of: {
      readonly dagId: string;
      readonly runId: string;
    }) => Promise<RunFinder>;
  },
): Asker {
  const past = createPastKeeper(options);
  const backfills = createBackfillKeeper(options);
  const history = createHistoryKeeper(options);
  const begins = createBeginsKeeper(options);
  const slas = createSlaKeeper(options);
  return {
    ...composeParts('askers', [past, backfills, history, begins, slas]),
    look: () => {
      past.look();
      backfills.look();
      history.look();
      begins.look();
      slas.look();
    },
  };
}
