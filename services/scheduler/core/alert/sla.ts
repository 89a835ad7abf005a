// SLAs of tasks: who is told when an instance has not succeeded so long after its run's data was
// there.
import { create } from '@bufbuild/protobuf';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { SlaMissSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import type { Task } from '../graph/task.ts';
import type { Moment, Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { putOnAgenda, takeOffAgenda } from '../agenda.ts';
import { callBack, contextOfInstance } from './callbacks.ts';
import type { Instance } from '../instance.ts';
import { isoInstant } from '../run/run-ids.ts';
import { plantIfBare } from '../run/runs.ts';
import { isRunFinished, TaskInstanceState } from '../state.ts';

/** What is not expected any more, or has come. */
const KEPT: ReadonlySet<TaskInstanceState> = new Set([
  TaskInstanceState.SUCCESS,
  TaskInstanceState.SKIPPED,
  TaskInstanceState.REMOVED,
]);

/**
 * The next SLAs of a run to come, as they stand on the agenda: an object of its own each time they
 * change, and little enough to be kept for the runs of weeks.
 */
export type SlaWatch = {
  readonly kind: 'sla';
  readonly dag: Dag;
  readonly runId: string;
  readonly dueMs: number;
};

/** Puts the SLAs of a run's tasks on the agenda: they count from its dates, not its start. */
export function watchSlas(picture: Picture, run: Run): void {
  watchFirst(picture, run, duesOf(run));
}

/** A run is over, as it is now: only what it may still miss is watched. */
export function rememberSlas(picture: Picture, run: Run, nowMs: number): void {
  // What is due and was not told yet may be missed, too.
  const fromMs = run.dag.slaRuns.get(run.runId)?.dueMs ?? nowMs;
  watchOpen(picture, run, (dueMs) => dueMs >= fromMs);
}

/**
 * A run that was over before a takeover: what it may have missed since then, or may still miss, is
 * watched by what the DAG says today; whether it has is read when the time has come.
 */
export function watchEndedSlas(
  picture: Picture,
  dag: Dag,
  ended: { readonly runId: string; readonly countsFromMs: number },
  fromMs: number,
): void {
  const dues = dag.version.tasks.flatMap(({ slaMs }) => {
    return slaMs === undefined ? [] : ended.countsFromMs + slaMs;
  });
  watchFirst(
    picture,
    { dag, runId: ended.runId },
    dues.filter((dueMs) => dueMs >= fromMs),
  );
}

/** The longest SLA of a version's tasks; undefined when none has any. */
export function longestSlaMs({ tasks }: DagVersion): number | undefined {
  const all = tasks.flatMap(({ slaMs }) => slaMs ?? []);
  return all.length === 0 ? undefined : Math.max(...all);
}

/** The time of an SLA of a run has come; one that is over is read before it is known to miss it. */
export function missDueSla(deciding: Deciding, moment: Moment, watch: SlaWatch): void {
  const live = watch.dag.runs.get(watch.runId);
  if (!isSlaWanted(watch)) return;
  if (live === undefined) deciding.picture.slasWanted.add(watch);
  else missSlas(deciding, moment, live, watch);
}

/** True while nothing has changed about a run since its SLAs were put on the agenda. */
export function isSlaWanted(watch: SlaWatch): boolean {
  return watch.dag.isOwned && watch.dag.slaRuns.get(watch.runId) === watch;
}

/** What a run has missed of what is due, as it is now; the next is watched. */
export function missSlas(deciding: Deciding, moment: Moment, run: Run, watch: SlaWatch): void {
  if (!isSlaWanted(watch)) return;
  const { nowMs, picture } = deciding;
  for (const task of run.version.tasks) {
    const dueMs = slaDueMs(run, task);
    if (dueMs === undefined || dueMs < watch.dueMs || dueMs > nowMs) continue;
    missSla(deciding, moment, { run, task, dueMs });
  }
  const isNext = (dueMs: number) => dueMs > nowMs;
  if (isRunFinished(run.state)) return watchOpen(picture, run, isNext);
  watchFirst(picture, run, duesOf(run).filter(isNext));
}

/** What became of a run does not matter any more: it is gone, or has nothing to miss. */
export function forgetSlas({ agenda }: Picture, { dag, runId }: Pick<Run, 'dag' | 'runId'>): void {
  const watch = dag.slaRuns.get(runId);
  if (watch === undefined) return;
  dag.slaRuns.delete(runId);
  takeOffAgenda(agenda, watch);
}

function watchOpen(picture: Picture, run: Run, isMeant: (dueMs: number) => boolean): void {
  const open = run.version.tasks.flatMap((task) => {
    const dueMs = slaDueMs(run, task);
    if (dueMs === undefined || !isMeant(dueMs)) return [];
    return openInstances(run, task).length > 0 ? [dueMs] : [];
  });
  watchFirst(picture, run, run.isRefused ? [] : open);
}

function watchFirst(
  picture: Picture,
  run: Pick<Run, 'dag' | 'runId'>,
  dues: readonly number[],
): void {
  forgetSlas(picture, run);
  if (dues.length === 0) return;
  const { dag, runId } = run;
  const watch: SlaWatch = { kind: 'sla', dag, runId, dueMs: Math.min(...dues) };
  dag.slaRuns.set(runId, watch);
  putOnAgenda(picture.agenda, watch.dueMs, watch, watch);
}

/**
 * Instances that have not succeeded have missed it, also those of a run that waits for its turn,
 * and those that have failed before: as Airflow 2 has it, what counts is success in time.
 */
function missSla(
  deciding: Deciding,
  moment: Moment,
  { run, task, dueMs }: { readonly run: Run; readonly task: Task; readonly dueMs: number },
): void {
  if (!isRunFinished(run.state)) plantIfBare(deciding, run);
  for (const instance of openInstances(run, task)) {
    run.slaMissed.add(instance.id);
    const miss = create(SlaMissSchema, {
      taskInstanceId: instance.id,
      dagRunId: run.id,
      dagId: run.dag.dagId,
      taskId: task.taskId,
      mapIndex: instance.mapIndex,
      dueAt: toTimestamp(dueMs),
      missedAt: toTimestamp(deciding.nowMs),
    });
    deciding.changes.slaMisses.set(miss, run.dag);
    const context = { ...contextOfInstance(instance), sla_due: isoInstant(dueMs) };
    const specs = [...task.callbacks, ...run.version.callbacks];
    callBack(deciding, moment, { run, specs, event: CallbackEvent.SLA_MISS, context });
  }
}

function duesOf(run: Run): readonly number[] {
  return run.version.tasks.flatMap((task) => slaDueMs(run, task) ?? []);
}

function slaDueMs(run: Run, { slaMs }: Task): number | undefined {
  return slaMs === undefined ? undefined : (run.intervalEndMs ?? run.runAfterMs) + slaMs;
}

/** Those that have not succeeded, of which nobody was told yet. */
function openInstances({ nodes, slaMissed }: Run, { index }: Task): readonly Instance[] {
  const { instances = [] } = nodes[index] ?? {};
  return instances.filter(({ id, state }) => !KEPT.has(state) && !slaMissed.has(id));
}
