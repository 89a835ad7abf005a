// Asks the ledger for the run before, for runs with tasks that depend on it.
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { LoadPastResponse } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { advance } from '../../core/advance.ts';
import { lookAt } from '../../core/graph/relevant.ts';
import type { Run } from '../../core/run/run.ts';
import { countsOnlyScheduled, type RunPast, tasksAskedAbout } from '../../core/past/past.ts';
import { DagRunState, type TaskInstanceState } from '../../core/state.ts';
import type { Engine } from '../commit/engine.ts';
import { type Asker, type Asking, createAsker } from './asker.ts';

/** Runs that the ledger is asked about at once. */
const ASKED_AT_ONCE = 16;

/** Answers what `picture.pastWanted` asks for. */
export function createPastKeeper(options: Asking<'loadPast'>): Asker {
  const { clock, engine, events, ledger } = options;
  return createAsker<Run>({
    name: 'past keeper',
    clock,
    atOnce: ASKED_AT_ONCE,
    keyOf: (run) => run,
    next: (isUnderWay) => {
      const { pastWanted } = engine().picture();
      for (const run of pastWanted) {
        // One that is not stored yet is asked about once it is, its predecessor with it.
        if (!run.isStored && run.dag.isOwned) continue;
        pastWanted.delete(run);
        // It may be looked at again, and want to know, before the answer is here.
        if (!isUnderWay(run) && run.past === undefined && run.dag.isOwned) return run;
      }
      return undefined;
    },
    isWanted: (run) => run.dag.isOwned,
    ask: async (run, signal) => {
      const past = await ledger.loadPast(questionOf(run), { signal });
      await tell(engine(), run, readPast(past));
    },
    onFailed: (error) => events.notRead('the run before another', error),
  });
}

function questionOf(run: Run) {
  return {
    dagId: run.dag.dagId,
    logicalDate: toTimestamp(run.logicalDateMs ?? 0),
    onlyScheduled: countsOnlyScheduled(run),
    taskIds: [...tasksAskedAbout(run)],
  };
}

async function tell(engine: Engine, run: Run, past: RunPast): Promise<void> {
  await engine.decide((deciding) => {
    if (!run.dag.isOwned || run.past !== undefined) return;
    run.past = past;
    if (run.state === DagRunState.RUNNING) advance(deciding, run, run.nodes.map(lookAt));
  });
}

function readPast({ run, taskInstances, taskIdsWithPast }: LoadPastResponse): RunPast {
  const tasksWithPast = new Set(taskIdsWithPast);
  const logicalDateMs = fromTimestamp(run?.logicalDate);
  if (run === undefined || logicalDateMs === undefined) return { before: undefined, tasksWithPast };
  const states = new Map<string, TaskInstanceState[]>();
  for (const { taskId, state } of taskInstances) {
    const known = states.get(taskId);
    if (known === undefined) states.set(taskId, [state]);
    else known.push(state);
  }
  return { before: { runId: run.runId, logicalDateMs, states }, tasksWithPast };
}
