// `dagmesh workers drain`: send a worker home once its work is done.
import { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import { command, required, text } from '../../command.ts';

export const drainWorker = command({
  path: 'workers drain',
  summary: 'Let a worker finish what it has and leave',
  calls: [WorkerService.method.drainWorker],
  args: { workerId: required('<worker-id>', 'the worker') },
  options: { reason: text('--reason <text>', "why, for the worker's log") },
  examples: ['dagmesh workers drain gpu-3 --reason "kernel update"'],
  run: async ({ args, options }, { api, screen }) => {
    await api.workers.drainWorker({ workerId: args.workerId, reason: options.reason ?? '' });
    screen.say(`${args.workerId} takes no new work and leaves when it is done.`);
  },
});
