// The public door as programs see it: what they ask reaches the mesh, and its answers reach them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { Code, ConnectError, fail, reasonOf } from '#kernel/errors/errors.ts';
import { openEdge } from '#kernel/rpc/edge-client.ts';
import { type FakeMesh, startFakeMesh } from '../../../tests/kit/fake-mesh.ts';
import { tokenOf } from '../../../tests/kit/fake-world.ts';
import { eventually } from '../../../tests/kit/wait.ts';

let mesh: FakeMesh;
beforeAll(async () => {
  mesh = await startFakeMesh();
});
afterAll(() => mesh.stop());
beforeEach(() => {
  mesh.asked.length = 0;
  mesh.faults.clear();
});

const edge = () => openEdge({ url: mesh.url, token: tokenOf('op') });
const asked = (rpc: string) =>
  mesh.asked.filter((one) => one.rpc === rpc).map(({ request }) => request);
const failingWith = (reason: string) => (error: unknown) => reasonOf(error) === reason;

describe('a change', () => {
  test('names the user of the token as its actor', async () => {
    await edge().client(DagService).pauseDag({ dagId: 'etl' });
    await edge().client(DagRunService).cancelDagRun({ dagId: 'etl', runId: 'manual__1' });
    const connection = { connId: 'db', connType: 'postgres', password: 'secret' };
    await edge().client(ConnectionService).putConnection({ connection });
    expect(asked('SetDagPaused')).toMatchObject([{ dagId: 'etl', isPaused: true, actor: 'op' }]);
    expect(asked('CancelDagRun')).toMatchObject([{ runId: 'manual__1', actor: 'op' }]);
    expect(asked('PutConnection')).toMatchObject([{ connection, createOnly: false, actor: 'op' }]);
  });

  test('that only creates says so, and is not repeated when its fate is unknown', async () => {
    const connection = { connId: 'other', connType: 'http' };
    mesh.faults.set('PutConnection', [new ConnectError('connection reset', Code.Unavailable)]);
    const create = () => edge().client(ConnectionService).createConnection({ connection });
    await expect(create()).rejects.toSatisfy(failingWith('unreachable'));
    await create();
    await expect(create()).rejects.toSatisfy(failingWith('connection_exists'));
    expect(asked('PutConnection')).toMatchObject(Array(3).fill({ createOnly: true }));
  });

  test('at an owner that is just changing is repeated under the same request_id', async () => {
    const moving = [fail('not_owner', 'not mine'), fail('taking_over', 'wait')];
    mesh.faults.set('TriggerDagRun', moving);
    const { runId } = await edge().client(DagRunService).triggerDagRun({ dagId: 'etl' });
    expect(runId).toMatch(/^manual__/);
    const ids = asked('TriggerDagRun').map(
      (request) => (request as { requestId: string }).requestId,
    );
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).not.toBe('');
  });

  test('keeps the request_id its caller chose', async () => {
    const request = { dagId: 'etl', runId: 'mine', requestId: 'twice', confJson: '{"a":1}' };
    await edge().client(DagRunService).triggerDagRun(request);
    expect(asked('TriggerDagRun')).toMatchObject([{ ...request, actor: 'op' }]);
  });
});

describe('an error of the mesh', () => {
  test('keeps its code, reason and sentence', async () => {
    const missing = edge().client(DagService).getDag({ dagId: 'nothing' });
    await expect(missing).rejects.toMatchObject({ code: Code.NotFound });
    await expect(missing).rejects.toSatisfy(failingWith('dag_not_found'));
    await expect(missing).rejects.toThrow('there is no DAG nothing');
  });

  test('that passes is not seen: reads are repeated', async () => {
    mesh.faults.set('ListDags', [new ConnectError('reset', Code.Unavailable)]);
    const { dags } = await edge().client(DagService).listDags({});
    expect(dags.map(({ dagId }) => dagId)).toEqual(['etl']);
  });

  test('about the api itself does not tell its caller to sign in', async () => {
    mesh.faults.set('ListDags', [fail('caller_not_allowed', 'for others only')]);
    const refused = edge().client(DagService).listDags({});
    await expect(refused).rejects.toSatisfy(failingWith('internal'));
    await expect(refused).rejects.toThrow('DAGMESH_CLUSTER_KEY');
  });
});

describe('waiting for a run', () => {
  const wait = (waitMs: number) =>
    edge()
      .client(DagRunService)
      .waitDagRun({ dagId: 'etl', runId: 'slow', wait: toDuration(waitMs) });

  test('ends with the run', async () => {
    const run = { dagId: 'etl', runId: 'slow', state: DagRunState.RUNNING };
    mesh.world.runs.set('slow', run);
    const answer = wait(20_000);
    await eventually(() => asked('GetDagRun').length >= 2, { deadlineMs: 5_000, what: 'it looks' });
    mesh.world.runs.set('slow', { ...run, state: DagRunState.FAILED });
    expect((await answer).run?.state).toBe(DagRunState.FAILED);
  });

  test('ends when the time is over, with the run as it is', async () => {
    mesh.world.runs.set('slow', { dagId: 'etl', runId: 'slow', state: DagRunState.RUNNING });
    expect((await wait(120)).run?.state).toBe(DagRunState.RUNNING);
    expect(asked('GetDagRun').length).toBeLessThan(6);
  });

  test('for a run that is not there fails at once', async () => {
    mesh.world.runs.delete('slow');
    await expect(wait(20_000)).rejects.toSatisfy(failingWith('run_not_found'));
  });
});

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

describe('a task instance', () => {
  test('is explained by the owner of its DAG', async () => {
    const task = { dagId: 'etl', runId: 'manual__1', taskId: 'load' };
    const { explanation } = await edge().client(TaskInstanceService).explainTaskInstance(task);
    expect(explanation?.blockers[0]).toMatchObject({ kind: 'upstream', subject: 'validate' });
  });

  test('is unmapped unless its index is given', async () => {
    const task = { dagId: 'etl', runId: 'manual__1', taskId: 'load' };
    await edge().client(TaskInstanceService).getTaskInstance(task);
    await edge()
      .client(TaskInstanceService)
      .getTaskInstance({ ...task, mapIndex: 7 });
    expect(asked('GetTaskInstance')).toMatchObject([{ mapIndex: -1 }, { mapIndex: 7 }]);
  });
});
