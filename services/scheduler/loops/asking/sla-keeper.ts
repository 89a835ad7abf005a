// Reads runs that failed before DAGs were loaded, and whose SLAs are still to come.
import type { DagRun } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { longestSlaMs, watchEndedSlas } from '../../core/alert/sla.ts';
import type { Dag } from '../../core/dag.ts';
import { loadFinishedRun } from '../../core/load/load-run.ts';
import { DagRunState } from '../../core/state.ts';
import { type Asker, type Asking, createAsker } from './asker.ts';

const READ_AT_ONCE = 4;
/** The latest failed runs of a DAG that are looked at. */
const RUNS_MAX = 100;

/** Answers what `picture.slasWanted` asks for. */
export function createSlaKeeper(options: Asking<'listRuns' | 'loadRun'>): Asker {
  const { clock, engine, events, ledger } = options;
  return createAsker<Dag>({
    name: 'sla keeper',
    clock,
    atOnce: READ_AT_ONCE,
    keyOf: (dag) => dag,
    next: (isUnderWay) => {
      const { slasWanted } = engine().picture();
      for (const dag of slasWanted) {
        slasWanted.delete(dag);
        if (!isUnderWay(dag)) return dag;
      }
      return undefined;
    },
    isWanted: (dag) => dag.isOwned,
    ask: async (dag, signal) => {
      const { dagId } = dag;
      const asked = { dagId, states: [DagRunState.FAILED], isDescending: true, limit: RUNS_MAX };
      const { runs } = await ledger.listRuns(asked, { signal });
      const sinceMs = clock.nowMs() - (longestSlaMs(dag.version) ?? 0);
      for (const { runId } of runs.filter((run) => countsFromMs(run) > sinceMs)) {
        await watch(options, dag, await ledger.loadRun({ dagId, runId }, { signal }));
      }
    },
    onFailed: (error) => events.notRead('runs whose SLAs are to come', error),
  });
}

function countsFromMs({ dataIntervalEnd, runAfter }: DagRun): number {
  return fromTimestamp(dataIntervalEnd) ?? fromTimestamp(runAfter) ?? 0;
}

async function watch(
  { engine }: Asking<never>,
  dag: Dag,
  loaded: Awaited<ReturnType<Asking<'loadRun'>['ledger']['loadRun']>>,
): Promise<void> {
  const { run, version } = loaded;
  if (run === undefined || version === undefined) return;
  await engine().decide(({ nowMs, picture }, moment) => {
    // What became of it since the DAG was loaded is known better here.
    const isOutdated = dag.runs.has(run.runId) || picture.overRuns.get(run.id) !== undefined;
    if (!dag.isOwned || isOutdated) return;
    const over = loadFinishedRun(picture, dag, { ...loaded, run, version }, moment);
    watchEndedSlas(picture, over, nowMs);
  });
}
