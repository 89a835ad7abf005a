// Reads the finished runs that backfills process again, and hands them to the decision.
import { reasonOf } from '#kernel/errors/errors.ts';
import { replaceGoneRun, type Reprocess, reprocessRun } from '../../core/operation/backfills.ts';
import type { RunFinder } from '../../rpc/find.ts';
import type { Engine } from '../commit/engine.ts';
import { type Asker, type Asking, createAsker } from './asker.ts';

const READ_AT_ONCE = 8;

/** How to get at a run by its date. */
type Find = (wanted: Reprocess) => Promise<RunFinder>;

/** Answers what `picture.reprocessWanted` asks for. */
export function createBackfillKeeper(
  options: Omit<Asking<never>, 'ledger'> & { readonly find: Find },
): Asker {
  const { clock, engine, events } = options;
  return createAsker<Reprocess>({
    name: 'backfill keeper',
    clock,
    atOnce: READ_AT_ONCE,
    // A picture that was built anew has other dates, and wants them read as well.
    keyOf: ({ date }) => date,
    next: (isUnderWay) => {
      const { reprocessWanted } = engine().picture();
      for (const [key, wanted] of reprocessWanted) {
        reprocessWanted.delete(key);
        if (!isUnderWay(wanted) && wanted.date.runId === '') return wanted;
      }
      return undefined;
    },
    isWanted: ({ dag }) => dag.isOwned,
    ask: (wanted) => reprocess(engine(), wanted, options.find),
    onFailed: (error, { backfill }) =>
      events.notRead(`a run of backfill ${backfill.backfillId}`, error),
  });
}

async function reprocess(engine: Engine, wanted: Reprocess, how: Find): Promise<void> {
  const find = await findOrUndefined(how, wanted);
  await engine.decide((deciding, moment) => {
    if (!wanted.dag.isOwned) return;
    if (find === undefined) return replaceGoneRun(deciding, moment, wanted);
    const isLatest = wanted.backfill.runOnLatestVersion;
    reprocessRun(deciding, moment, find(deciding.picture, moment, { isLatest }), wanted);
  });
}

/** Undefined when the run is gone. */
async function findOrUndefined(find: Find, wanted: Reprocess): Promise<RunFinder | undefined> {
  try {
    return await find(wanted);
  } catch (error) {
    if (reasonOf(error) === 'run_not_found') return undefined;
    throw error;
  }
}
