// SLAs of tasks: who is told when an instance has not succeeded so long after its run's data was
// there.
import { create } from '@bufbuild/protobuf';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { SlaMissSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Deciding } from '../deciding.ts';
import type { Task } from '../graph/task.ts';
import type { Moment, Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { putOnAgenda } from '../agenda.ts';
import { callBack, contextOfInstance } from './callbacks.ts';
import type { Instance } from '../instance.ts';
import { isoInstant } from '../run/run-ids.ts';
import { plantIfBare } from '../run/runs.ts';
import { isRunFinished, TaskInstanceState } from '../state.ts';

/** Puts the SLAs of a live run's tasks on the agenda: they count from its dates, not its start. */
export function watchSlas(picture: Picture, run: Run): void {
  for (const task of run.version.tasks) {
    const dueMs = slaDueMs(run, task);
    const { dag, runId } = run;
    const subject = { kind: 'sla', dag, runId, taskId: task.taskId } as const;
    if (dueMs !== undefined) putOnAgenda(picture.agenda, dueMs, subject);
  }
}

/**
 * The time of an SLA has come: instances that have not succeeded have missed it, also those of a
 * run that waits for its turn. A run that is over has told of its end.
 */
export function missSla(deciding: Deciding, moment: Moment, run: Run, task: Task): void {
  const dueMs = slaDueMs(run, task);
  if (dueMs === undefined || !run.dag.isOwned || isRunFinished(run.state)) return;
  plantIfBare(deciding, run);
  for (const instance of run.nodes[task.index]?.instances ?? []) {
    if (hasKeptIt(instance) || run.slaMissed.has(instance.id)) continue;
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

function hasKeptIt({ state }: Instance): boolean {
  return state === TaskInstanceState.SUCCESS || state === TaskInstanceState.SKIPPED;
}
