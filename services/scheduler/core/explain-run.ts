// What holds a whole run back: pauses, its turn among the DAG's runs, its time.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type Backfill, BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { backfillRunsMax } from './backfills.ts';
import { type Blocker, spellCount, spellInstant } from './blocker.ts';
import type { Run } from './picture.ts';
import { isUncounted } from './runs.ts';
import { DagRunState } from './state.ts';

/** What keeps a run that is not finished from beginning, or all that has not begun in it. */
export function runBlockers(run: Run, nowMs: number): readonly Blocker[] {
  const { dag } = run;
  const blockers: Blocker[] = [];
  // What tells people of a DAG's end does so while it is paused, too.
  if (dag.isPaused && run.runType !== RunType.CALLBACK) {
    blockers.push({
      kind: 'dag_paused',
      subject: dag.dagId,
      message: `DAG "${dag.dagId}" is paused`,
      remedy: `unpause it: dagmesh dags unpause ${dag.dagId}`,
    });
  }
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
  if (!isUncounted(run) && dag.runningCount >= activeRunsMax) {
    const running = `${dag.runningCount} of at most ${spellCount(activeRunsMax, 'run')}`;
    blockers.push({
      kind: 'active_runs_max',
      subject: dag.dagId,
      message: `${running} of DAG "${dag.dagId}" are running`,
      remedy: 'raise max_active_runs of the DAG, or end a run of it',
    });
  }
  const backfill = dag.backfills.get(run.backfillId);
  if (backfill !== undefined) blockers.push(...backfillBlockers(run, backfill));
  const message = `run "${runId}" has not begun`;
  return [...blockers, { kind: 'run_queued', subject: runId, message }];
}

function backfillBlockers({ dag }: Run, backfill: Backfill): readonly Blocker[] {
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
  const running = [...dag.runs.values()].filter(
    (run) => run.backfillId === backfillId && run.state === DagRunState.RUNNING,
  );
  if (running.length < max) return [];
  const message = `${running.length} of at most ${spellCount(max, 'run')} of it are running`;
  const remedy = 'wait for one to end, or end one';
  return [{ kind: 'backfill_active_runs_max', subject: backfillId, message, remedy }];
}
