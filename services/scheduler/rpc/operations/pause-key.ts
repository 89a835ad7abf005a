// PauseKey: nothing that names a limit key begins until an instant, or may begin again.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { pauseKey as pause } from '../../core/limit/key-limits.ts';
import type { Dag } from '../../core/dag.ts';
import type { RpcContext } from '../context.ts';
import { learnDag, requireDag, requireOwned } from '../find.ts';

type PauseKey = Handler<(typeof SchedulerService)['method']['pauseKey']>;

export function pauseKey(context: RpcContext): PauseKey {
  return async ({ dagId, key, until, actor }) => {
    await learnDag(context, dagId);
    const paused = await context.engine.decide((deciding) => {
      const dag = requireDag(context, dagId);
      requireKey(dag, key);
      const untilMs = fromTimestamp(until);
      const isPause = untilMs !== undefined && untilMs > deciding.nowMs;
      pause(deciding, dag, key, untilMs);
      const details = isPause ? { key, until: new Date(untilMs).toISOString() } : { key };
      const action = isPause ? 'pause_key' : 'unpause_key';
      deciding.changes.audits.add({ actor, action, dag, runId: '', details });
      return dag;
    });
    requireOwned(paused);
    return {};
  };
}

function requireKey({ dagId, version }: Dag, key: string): void {
  const keys = version.keyLimits.map((each) => each.key);
  if (keys.includes(key)) return;
  const known = keys.length === 0 ? 'it has none' : `it has ${keys.slice(0, 20).join(', ')}`;
  throw fail('key_not_found', `DAG "${dagId}" has no limit key "${key}"; ${known}`);
}
