// Finds the attempt whose log is asked for, and waits for it to begin when the caller follows.
import type { GetTaskInstanceResponse } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import type { TaskAttempt } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { paceMs } from '../core/pace.ts';
import { type PickedAttempt, pickAttempt } from '../core/pick-attempt.ts';
import { type ApiContext, type Mesh, present, repeated } from '../rpc/mesh.ts';

/** One task instance. */
export type LogTarget = {
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly mapIndex: number;
};

/** A person who waits for a task to begin does not notice a second. */
const LONGEST_PACE_MS = 1_000;

/**
 * Errors: NOT_FOUND (`attempt_not_found`) when that try did not begin, or never will.
 * As WaitDagRun does, this looks again and again: no stream tells of a task that begins.
 */
export async function findAttempt(
  mesh: Mesh,
  context: ApiContext,
  wanted: { readonly target: LogTarget; readonly tryNumber: number; readonly isPatient: boolean },
): Promise<TaskAttempt> {
  const { target, tryNumber, isPatient } = wanted;
  for (let looksCount = 0; ; looksCount += 1) {
    const picked = await lookFor(mesh, context, { target, tryNumber });
    if (picked.kind === 'attempt') return picked.attempt;
    const { dagId, runId, taskId, mapIndex } = target;
    const what = tryNumber === 0 ? `"${taskId}"` : `try ${tryNumber} of "${taskId}"`;
    const index = mapIndex < 0 ? '' : ` --map-index ${mapIndex}`;
    const place = `${dagId} ${runId} ${taskId}${index}`;
    if (picked.kind === 'never') {
      throw fail(
        'attempt_not_found',
        `${what} never ran, so it has no log; see its tries: dagmesh tasks show ${place}`,
      );
    }
    if (!isPatient) {
      throw fail(
        'attempt_not_found',
        `${what} has not begun; ask why: dagmesh tasks explain ${place}; or wait for it: --follow`,
      );
    }
    await mesh.clock.sleep(paceMs(looksCount, LONGEST_PACE_MS), context.signal);
    context.signal.throwIfAborted();
  }
}

/** Looks once. */
export async function lookFor(
  mesh: Mesh,
  context: ApiContext,
  wanted: { readonly target: LogTarget; readonly tryNumber: number },
): Promise<PickedAttempt> {
  const answer = await repeated(mesh, context, (call) =>
    mesh.query.getTaskInstance({ ...wanted.target }, call),
  );
  const { taskInstance, attempts }: GetTaskInstanceResponse = present(answer.taskInstance);
  return pickAttempt(present(taskInstance), attempts, wanted.tryNumber);
}
