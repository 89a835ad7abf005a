// Reads how the latest runs of DAGs ended, for those whose decisions depend on that.
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { DagRun } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type EndedRun, HISTORY_MAX, takeHistory } from '../../core/past/history.ts';
import type { Dag } from '../../core/dag.ts';
import { DagRunState } from '../../core/state.ts';
import { type Asker, type Asking, createAsker } from './asker.ts';

const READ_AT_ONCE = 8;

/** Answers what `picture.historyWanted` asks for. */
export function createHistoryKeeper(options: Asking<'listRuns'>): Asker {
  const { clock, engine, events, ledger } = options;
  const states = [DagRunState.SUCCESS, DagRunState.FAILED];
  return createAsker<Dag>({
    name: 'history keeper',
    clock,
    atOnce: READ_AT_ONCE,
    keyOf: (dag) => dag,
    next: (isUnderWay) => {
      const { historyWanted } = engine().picture();
      for (const dag of historyWanted) {
        historyWanted.delete(dag);
        if (!isUnderWay(dag)) return dag;
      }
      return undefined;
    },
    isWanted: (dag) => dag.isOwned,
    ask: async (dag, signal) => {
      const asked = { dagId: dag.dagId, states, isDescending: true, limit: HISTORY_MAX };
      const { runs } = await ledger.listRuns(asked, { signal });
      takeHistory(dag, runs.map(endedRun));
    },
    onFailed: (error) => events.notRead('earlier runs', error),
  });
}

function endedRun(run: DagRun): EndedRun {
  const queuedMs = fromTimestamp(run.queuedAt) ?? fromTimestamp(run.startDate) ?? 0;
  return {
    runId: run.runId,
    atMs: fromTimestamp(run.logicalDate) ?? fromTimestamp(run.runAfter) ?? 0,
    isSuccess: run.state === DagRunState.SUCCESS,
    durationMs: Math.max((fromTimestamp(run.endDate) ?? 0) - queuedMs, 0),
  };
}
