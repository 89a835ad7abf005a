// Workers of all executors as one list, and letting one of them go.
import { describe, expect, test } from 'vitest';
import { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import { Code, ConnectError } from '#kernel/errors/errors.ts';
import { failingWith, useDoor } from '../../test-door.ts';

const { mesh, edge } = useDoor();

describe('workers', () => {
  const workers = () => edge().client(WorkerService);

  test('of all executors are one list, each worker where it was heard last', async () => {
    const moved = mesh.world.workers.get('executor-1')?.[0];
    const stale = { ...moved, executorId: 'executor-2', heardAt: undefined };
    mesh.world.workers.get('executor-2')?.push(stale);
    const listed = (await workers().listWorkers({})).workers;
    expect(listed.map(({ workerId, executorId }) => [workerId, executorId])).toEqual([
      ['py-1', ''],
      ['ts-1', ''],
    ]);
    mesh.world.workers.get('executor-2')?.pop();
  });

  test('are listed although one executor does not answer', async () => {
    mesh.faults.set('ListWorkers', [new ConnectError('gone', Code.Unavailable)]);
    expect((await workers().listWorkers({})).workers).toHaveLength(1);
  });

  test('cannot be listed when no executor answers', async () => {
    const gone = new ConnectError('gone', Code.Unavailable);
    mesh.faults.set('ListWorkers', [gone, gone]);
    await expect(workers().listWorkers({})).rejects.toSatisfy(failingWith('unreachable'));
  });

  test('are drained wherever they are', async () => {
    await workers().drainWorker({ workerId: 'py-1', reason: 'upgrade' });
    const nobody = workers().drainWorker({ workerId: 'nobody' });
    await expect(nobody).rejects.toSatisfy(failingWith('worker_not_found'));
  });
});
