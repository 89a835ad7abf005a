// What holds a whole run back: pauses, its turn among the DAG's runs, its time.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type Backfill,
  type BackfillDate,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { backfillRunsMax, plannedRunId } from '../operation/backfills.ts';
import { type Blocker, spellCount, spellInstant } from './blocker.ts';
import type { Dag, Run } from '../picture.ts';
import { DagRunState } from '../state.ts';

/** What keeps a run that is not finished from beginning, or all that has not begun in it. */
export function runBlockers(run: Run, nowMs: number): readonly Blocker[] {
  const { dag } = run;
  // What tells people of a DAG's end does so while it is paused, too.
  const blockers = run.runType === RunType.CALLBACK ? [] : [...pauseBlockers(dag)];
  if (run.state === DagRunState.QUEUED) blockers.push(...queuedBlockers(run, nowMs));
  if (!dag.isActive) {
    blockers.push({
      kind: 'dag_inactive',
      subject: dag.dagId,
      message: `no file has DAG "${dag.dagId}" any more; only what was begun goes on`,
      remedy: 'put its file back into the DAG folder',
    });
  }
  return blockers;
}

function pauseBlockers({ dagId, isPaused }: Dag): readonly Blocker[] {
  if (!isPaused) return [];
  const message = `DAG "${dagId}" is paused`;
  const remedy = `unpause it: dagmesh dags unpause ${dagId}`;
  return [{ kind: 'dag_paused', subject: dagId, message, remedy }];
}

function queuedBlockers(run: Run, nowMs: number): readonly Blocker[] {
  const { dag, runAfterMs, runId } = run;
  const blockers: Blocker[] = [];
  if (runAfterMs > nowMs) {
    blockers.push({
      kind: 'run_after',
      subject: runId,
      message: `run "${runId}" may begin at ${spellInstant(runAfterMs)}`,
      untilMs: runAfterMs,
    });
  }
  const { activeRunsMax } = dag.version;
  if (dag.runningCount >= activeRunsMax) {
    const running = `${dag.runningCount} of at most ${spellCount(activeRunsMax, 'run')}`;
    blockers.push({
      kind: 'active_runs_max',
      subject: dag.dagId,
      message: `${running} of DAG "${dag.dagId}" are running`,
      remedy: 'raise max_active_runs of the DAG, or end a run of it',
    });
  }
  const message = `run "${runId}" has not begun`;
  return [...blockers, { kind: 'run_queued', subject: runId, message }];
}

/** What keeps a run that a backfill is to make from being made; undefined when none is to be. */
export function plannedBlockers(dag: Dag, runId: string): readonly Blocker[] | undefined {
  const isMeant = (date: BackfillDate) => plannedRunId(date) === runId;
  const backfill = [...dag.backfills.values()].find(({ dates }) => dates.some(isMeant));
  if (backfill === undefined) return undefined;
  return [...pauseBlockers(dag), ...backfillBlockers(dag, backfill)];
}

function backfillBlockers(dag: Dag, backfill: Backfill): readonly Blocker[] {
  const { backfillId, state } = backfill;
  if (state === BackfillState.PAUSED) {
    return [
      {
        kind: 'backfill_paused',
        subject: backfillId,
        message: `backfill ${backfillId} is paused`,
        remedy: `go on with it: dagmesh backfill unpause ${backfillId}`,
      },
    ];
  }
  const max = backfillRunsMax(backfill);
  const live = [...dag.runs.values()].filter((run) => run.backfillId === backfillId);
  if (live.length < max) return [];
  const message = `${live.length} of at most ${spellCount(max, 'run')} of the backfill go on`;
  return [{ kind: 'backfill_active_runs_max', subject: backfillId, message }];
}
