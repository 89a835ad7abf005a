// WorkerService.GetTaskStates: where the tasks of this run stand.
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { WorkerHandler } from './door.ts';

const NAMES = new Map<number, string>(
  Object.entries(TaskInstanceState).map(([name, value]) => [value, name.toLowerCase()]),
);

export const getTaskStates: WorkerHandler<'getTaskStates'> =
  ({ live, ledger }) =>
  async ({ attemptToken }, { signal }) => {
    const { place } = await live.require(attemptToken, signal);
    const { dagId, runId } = place;
    const { taskInstances } = await ledger.loadRun({ dagId, runId }, { signal });
    const states: Record<string, string> = Object.create(null);
    for (const { taskId, mapIndex, state } of taskInstances) {
      states[mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`] = NAMES.get(state) ?? '';
    }
    return { states };
  };
