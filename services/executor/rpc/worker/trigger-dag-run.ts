// WorkerService.TriggerDagRun: a running task triggers a run of a DAG, its own or another.
import { createHash } from 'node:crypto';
import { actorOf, type WorkerHandler } from './door.ts';

export const triggerDagRun: WorkerHandler<'triggerDagRun'> =
  ({ live, topology }) =>
  async ({ attemptToken, dagId, runId, key, confJson, logicalDate }, { signal }) => {
    const attempt = await live.require(attemptToken, signal);
    const request = {
      dagId,
      runId,
      confJson,
      actor: actorOf(attempt),
      requestId: requestIdOf(attempt.attemptId, key),
      ...(logicalDate === undefined ? {} : { logicalDate }),
    };
    const triggered = await topology.callOwner(
      dagId,
      (client, call) => client.triggerDagRun(request, call),
      { signal },
    );
    return { runId: triggered.runId };
  };

/**
 * The same for each repetition of one trigger; a key of any length fits into the 250 characters of
 * a request id.
 */
function requestIdOf(attemptId: string, key: string): string {
  return `${attemptId}:${createHash('sha256').update(key).digest('hex')}`;
}
