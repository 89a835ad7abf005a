// `dagmesh workers list`: who does the work.
import { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import {
  type Worker,
  WorkerSchema,
  WorkerStateSchema,
} from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command } from '../../command.ts';
import { stateColour } from '../../core/paint.ts';
import { enumName, toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { relative } from '../../core/when.ts';
import { showList } from '../../screen.ts';

export const listWorkers = command({
  path: 'workers list',
  summary: 'List connected workers',
  calls: [WorkerService.method.listWorkers],
  examples: ['dagmesh workers list', 'dagmesh workers list -o wide'],
  run: async (_given, { api, screen, clock }) => {
    const { workers } = await api.workers.listWorkers({});
    showList(screen, {
      rows: workers,
      plain: (worker) => toPlain(WorkerSchema, worker),
      columns: columns(clock.nowMs()),
      empty: 'No worker is connected, so no task can run. Start one: dagmesh worker',
    });
  },
});

function columns(nowMs: number): readonly Column<Worker>[] {
  return [
    { title: 'worker_id', cell: (worker) => worker.workerId },
    {
      title: 'state',
      cell: (worker) => enumName(WorkerStateSchema, worker.state),
      colour: stateColour,
    },
    { title: 'language', cell: (worker) => worker.language },
    { title: 'queues', cell: (worker) => worker.queues.join(',') },
    {
      title: 'running',
      cell: (worker) => `${worker.runningCount}/${worker.slots}`,
      align: 'right',
    },
    { title: 'heard', cell: (worker) => relative(fromTimestamp(worker.heardAt), nowMs) },
    {
      title: 'connected',
      cell: (worker) => relative(fromTimestamp(worker.connectedAt), nowMs),
      wide: true,
    },
    { title: 'sdk', cell: (worker) => worker.sdk, wide: true },
    { title: 'executor', cell: (worker) => worker.executorId, wide: true },
    { title: 'labels', cell: labelsOf, wide: true },
  ];
}

function labelsOf(worker: Worker): string {
  return Object.entries(worker.labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
