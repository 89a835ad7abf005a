// What holds a whole run back: pauses, its turn among the DAG's runs, its time.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type Backfill,
  type BackfillDate,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { backfillRunsMax, plannedRunId } from '../operation/backfills.ts';
import { type Blocker, spellCount, spellInstant } from './blocker.ts';
import type { Dag } from '../dag.ts';
import type { Run } from '../run/run.ts';
import { DagRunState } from '../state.ts';

/** What keeps a run that is not finished from beginning, or all that has not begun in it. */
export function runBlockers(run: Run, nowMs: number): readonly Blocker[] {
  const isQueued = run.state === DagRunState.QUEUED;
  const blockers = [
    ...(isQueued ? inactiveBlockers(run.dag) : []),
    // What tells people of a DAG's end does so while it is paused, too.
    ...(run.runType === RunType.CALLBACK ? [] : pauseBlockers(run.dag)),
    ...(isQueued ? turnBlockers(run, nowMs) : []),
  ];
  if (!isQueued || blockers.length === 0) return blockers;
  const message = `run "${run.runId}" has not begun; ${placeWords(run)}`;
  return [...blockers, { kind: 'run_queued', subject: run.runId, message }];
}

/** No run of a DAG without a file begins; what had begun goes on. */
export function inactiveBlockers({ dagId, isActive }: Dag): readonly Blocker[] {
  if (isActive) return [];
  const message = `no file has DAG "${dagId}" any more`;
  const remedy = 'put its file back into the DAG folder';
  return [{ kind: 'dag_inactive', subject: dagId, message, remedy }];
}

export function pauseBlockers({ dagId, isPaused }: Dag): readonly Blocker[] {
  if (!isPaused) return [];
  const message = `DAG "${dagId}" is paused`;
  const remedy = `unpause it: dagmesh dags unpause ${dagId}`;
  return [{ kind: 'dag_paused', subject: dagId, message, remedy }];
}

/** As many runs of a DAG go on as may. */
export function fullBlockers({ dagId, runningCount, version }: Dag): readonly Blocker[] {
  const { activeRunsMax } = version;
  if (runningCount < activeRunsMax) return [];
  const running = `${runningCount} of at most ${spellCount(activeRunsMax, 'run')}`;
  const message = `${running} of DAG "${dagId}" are running`;
  const ending = `end one of those: dagmesh runs list ${dagId} --state running`;
  const remedy = `raise max_active_runs of the DAG, or ${ending}`;
  return [{ kind: 'active_runs_max', subject: dagId, message, remedy }];
}

function turnBlockers({ dag, runAfterMs, runId }: Run, nowMs: number): readonly Blocker[] {
  if (runAfterMs <= nowMs) return fullBlockers(dag);
  const message = `run "${runId}" may begin at ${spellInstant(runAfterMs)}`;
  const early: Blocker = { kind: 'run_after', subject: runId, message, untilMs: runAfterMs };
  return [early, ...fullBlockers(dag)];
}

function placeWords(run: Run): string {
  const { isBefore, members } = run.dag.queuedRuns;
  const aheadCount = members.filter((other) => isBefore(other, run)).length;
  if (aheadCount === 0) return 'it is the next of its DAG';
  return `${spellCount(aheadCount, 'queued run')} of its DAG ${aheadCount === 1 ? 'goes' : 'go'} first`;
}

/** What keeps a run that a backfill is to make from being made; undefined when none is to be. */
export function plannedBlockers(
  dag: Dag,
  runId: string,
  nowMs: number,
): readonly Blocker[] | undefined {
  const isMeant = (date: BackfillDate) => plannedRunId(date) === runId;
  const backfill = [...dag.backfills.values()].find(({ dates }) => dates.some(isMeant));
  if (backfill === undefined) return undefined;
  return [
    ...inactiveBlockers(dag),
    ...pauseBlockers(dag),
    ...comingBlockers(backfill, backfill.dates.filter(isMeant), nowMs),
    ...backfillBlockers(dag, backfill),
  ];
}

/** The partition to come of each backfill that goes on which is the next to have its time. */
export function awaitedPartitions({ backfills }: Dag, nowMs: number): readonly Blocker[] {
  return [...backfills.values()].flatMap((backfill) => {
    if (backfill.state !== BackfillState.RUNNING) return [];
    const coming = comingBlockers(backfill, backfill.dates, nowMs);
    return coming.toSorted((a, b) => (a.untilMs ?? 0) - (b.untilMs ?? 0)).slice(0, 1);
  });
}

/** Partitions to come wait for their time: nothing is made for them before. */
function comingBlockers(
  { backfillId }: Backfill,
  dates: readonly BackfillDate[],
  nowMs: number,
): readonly Blocker[] {
  return dates.flatMap((date) => {
    const runId = plannedRunId(date);
    const untilMs = fromTimestamp(date.runAfter) ?? nowMs;
    if (runId === undefined || untilMs <= nowMs) return [];
    const of = `run "${runId}" of backfill "${backfillId}"`;
    const message = `${of} is made at ${spellInstant(untilMs)}`;
    return [{ kind: 'run_after', subject: runId, message, untilMs }];
  });
}

function backfillBlockers(dag: Dag, backfill: Backfill): readonly Blocker[] {
  const { backfillId, state } = backfill;
  if (state === BackfillState.PAUSED) {
    return [
      {
        kind: 'backfill_paused',
        subject: backfillId,
        message: `backfill "${backfillId}" is paused`,
        remedy: `go on with it: dagmesh backfill unpause ${backfillId}`,
      },
    ];
  }
  const max = backfillRunsMax(backfill);
  const live = [...dag.runs.values()].filter((run) => run.backfillId === backfillId);
  if (live.length < max) return [];
  const message = `${live.length} of at most ${spellCount(max, 'run')} of the backfill go on`;
  const remedy = `see which, to end one: dagmesh backfill show ${backfillId} --state running`;
  return [{ kind: 'backfill_active_runs_max', subject: backfillId, message, remedy }];
}
