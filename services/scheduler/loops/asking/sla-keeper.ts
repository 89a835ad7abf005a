// Reads what runs that are over have missed of their SLAs; and after a takeover, which such runs
// there are.
import type { DagRun } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import {
  forgetSlas,
  isSlaWanted,
  longestSlaMs,
  missSlas,
  type SlaWatch,
  watchEndedSlas,
} from '../../core/alert/sla.ts';
import type { Dag } from '../../core/dag.ts';
import { DagRunState } from '../../core/state.ts';
import type { RunFinder } from '../../rpc/find.ts';
import { type Asker, type Asking, createAsker } from './asker.ts';

const READ_AT_ONCE = 4;
/** So many of the latest runs are read first; then ten times as many while all of them matter. */
const RUNS_FIRST = 100;
/** The latest runs of a DAG that are looked at. */
const RUNS_MAX = 10_000;
const ENDED = [DagRunState.SUCCESS, DagRunState.FAILED];
/** What fell due so long before a takeover may have been missed while nobody looked. */
const UNWATCHED_MS = 600_000;

type Options = Asking<'listRuns'> & {
  /** How to get at a run by its id. */
  readonly findRun: (of: { readonly dagId: string; readonly runId: string }) => Promise<RunFinder>;
};

/** Answers what `picture.slasWanted` asks for. */
export function createSlaKeeper(options: Options): Asker {
  const { clock, engine, events } = options;
  return createAsker<SlaWatch | Dag>({
    name: 'sla keeper',
    clock,
    atOnce: READ_AT_ONCE,
    keyOf: (wanted) => wanted,
    next: (isUnderWay) => {
      const { slasWanted } = engine().picture();
      for (const wanted of slasWanted) {
        slasWanted.delete(wanted);
        if (!isUnderWay(wanted)) return wanted;
      }
      return undefined;
    },
    isWanted: (wanted) => ('kind' in wanted ? isSlaWanted(wanted) : wanted.isOwned),
    ask: (wanted, signal) =>
      'kind' in wanted ? readDue(options, wanted) : readEnded(options, wanted, signal),
    onFailed: (error) => events.notRead('runs with SLAs', error),
  });
}

/** Whether a run has missed what is due: what it has come to since it was over is read with it. */
async function readDue({ engine, findRun }: Options, watch: SlaWatch): Promise<void> {
  const { dag, runId } = watch;
  const find = await findRun({ dagId: dag.dagId, runId }).catch((error: unknown) => {
    if (reasonOf(error) === 'run_not_found') return undefined;
    throw error;
  });
  await engine().decide((deciding, moment) => {
    const { picture } = deciding;
    if (!isSlaWanted(watch)) return;
    if (find === undefined) forgetSlas(picture, watch);
    else missSlas(deciding, moment, find(picture, moment), watch);
  });
}

async function readEnded(options: Options, dag: Dag, signal: AbortSignal): Promise<void> {
  const fromMs = options.clock.nowMs() - UNWATCHED_MS;
  const runs = await endedSince(options, dag, fromMs - (longestSlaMs(dag.version) ?? 0), signal);
  await options.engine().decide(({ picture }) => {
    if (!dag.isOwned) return;
    for (const run of runs) {
      const { id, runId } = run;
      // What became of it since the DAG was loaded is known better here.
      if (dag.runs.has(runId) || picture.overRuns.get(id) !== undefined) continue;
      watchEndedSlas(picture, dag, { runId, countsFromMs: countsFromMs(run) }, fromMs);
    }
  });
}

/** The ended runs whose SLAs count from after an instant, as far as they are looked at. */
async function endedSince(
  { ledger }: Options,
  { dagId }: Dag,
  sinceMs: number,
  signal: AbortSignal,
): Promise<readonly DagRun[]> {
  const isLate = (run: DagRun) => countsFromMs(run) > sinceMs;
  for (let limit = RUNS_FIRST; ; limit *= 10) {
    const asked = { dagId, states: ENDED, isDescending: true, limit };
    const { runs } = await ledger.listRuns(asked, { signal });
    const mayBeMore = runs.length >= limit && runs.slice(-RUNS_FIRST).some(isLate);
    if (!mayBeMore || limit >= RUNS_MAX) return runs.filter(isLate);
  }
}

function countsFromMs({ dataIntervalEnd, runAfter }: DagRun): number {
  return fromTimestamp(dataIntervalEnd) ?? fromTimestamp(runAfter) ?? 0;
}
