// SLAs of tasks: who is told when an instance has not succeeded so long after its run's data was
// there.
import { create } from '@bufbuild/protobuf';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { SlaMissSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import { type DagVersion, taskOf } from '../graph/dag-version.ts';
import type { Task } from '../graph/task.ts';
import type { Moment, Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { putOnAgenda } from '../agenda.ts';
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

/** Puts the SLAs of a run's tasks on the agenda: they count from its dates, not its start. */
export function watchSlas(picture: Picture, run: Run): void {
  run.dag.slaRuns.delete(run.runId);
  for (const task of run.version.tasks) {
    const dueMs = slaDueMs(run, task);
    const { dag, runId } = run;
    const subject = { kind: 'sla', dag, runId, taskId: task.taskId } as const;
    if (dueMs !== undefined) putOnAgenda(picture.agenda, dueMs, subject);
  }
}

/** A run is over, as it is now: its DAG keeps it while it may still miss an SLA. */
export function rememberSlas(run: Run, nowMs: number): void {
  const { dag, runId, version } = run;
  const isOpen = version.tasks.some((task) => {
    return (slaDueMs(run, task) ?? 0) > nowMs && openInstances(run, task).length > 0;
  });
  if (isOpen && !run.isRefused) dag.slaRuns.set(runId, run);
  else dag.slaRuns.delete(runId);
}

/** A run that was over before a takeover: what it may still miss is watched again. */
export function watchEndedSlas(picture: Picture, run: Run, nowMs: number): void {
  watchSlas(picture, run);
  rememberSlas(run, nowMs);
}

/** The longest SLA of a version's tasks; undefined when none has any. */
export function longestSlaMs({ tasks }: DagVersion): number | undefined {
  const all = tasks.flatMap(({ slaMs }) => slaMs ?? []);
  return all.length === 0 ? undefined : Math.max(...all);
}

/** The time of an SLA of a run has come; one that is over is known while it has open ones. */
export function missDueSla(
  deciding: Deciding,
  moment: Moment,
  { dag, runId, taskId }: { readonly dag: Dag; readonly runId: string; readonly taskId: string },
): void {
  const live = dag.runs.get(runId);
  const task = live === undefined ? undefined : taskOf(live.version, taskId);
  if (live !== undefined && task !== undefined) return missSla(deciding, moment, live, task);
  const over = dag.slaRuns.get(runId);
  if (over === undefined) return;
  for (const each of over.version.tasks) {
    if ((slaDueMs(over, each) ?? Infinity) <= deciding.nowMs) missSla(deciding, moment, over, each);
  }
  rememberSlas(over, deciding.nowMs);
}

/**
 * Instances that have not succeeded have missed it, also those of a run that waits for its turn,
 * and those that have failed before: as Airflow 2 has it, what counts is success in time.
 */
function missSla(deciding: Deciding, moment: Moment, run: Run, task: Task): void {
  const dueMs = slaDueMs(run, task);
  if (dueMs === undefined || !run.dag.isOwned) return;
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

function slaDueMs(run: Run, { slaMs }: Task): number | undefined {
  return slaMs === undefined ? undefined : (run.intervalEndMs ?? run.runAfterMs) + slaMs;
}

/** Those that have not succeeded, of which nobody was told yet. */
function openInstances({ nodes, slaMissed }: Run, { index }: Task): readonly Instance[] {
  const { instances = [] } = nodes[index] ?? {};
  return instances.filter(({ id, state }) => !KEPT.has(state) && !slaMissed.has(id));
}
