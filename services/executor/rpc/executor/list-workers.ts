// ExecutorService.ListWorkers: the workers connected here, as operators see them.
import { WorkerState } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { WorkerEntry } from '../../core/roster.ts';
import type { ExecutorHandler } from './door.ts';

const STATES = {
  joining: WorkerState.ACTIVE,
  active: WorkerState.ACTIVE,
  draining: WorkerState.DRAINING,
  suspect: WorkerState.SUSPECT,
} as const;

export const listWorkers: ExecutorHandler<'listWorkers'> =
  ({ roster, executorId }) =>
  async () => ({
    workers: [...roster.workers.values()]
      .sort((a, b) => (a.workerId < b.workerId ? -1 : 1))
      .map((worker) => ({ ...described(worker), executorId })),
  });

function described(worker: WorkerEntry) {
  const { workerId, language, sdk, queues, labels, state } = worker;
  const running = [...worker.held.values()].filter(({ phase }) => phase === 'running');
  return {
    workerId,
    language,
    sdk,
    queues: [...queues],
    labels: { ...labels },
    // One without a stream asks for slots while it has some free; the others are taken.
    slots: worker.kind === 'stream' ? worker.slots : worker.slots + running.length,
    runningCount: running.length,
    state: STATES[state],
    connectedAt: toTimestamp(worker.connectedAtMs),
    heardAt: toTimestamp(worker.heardAtMs),
  };
}
