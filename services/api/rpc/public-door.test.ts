// The public door as programs see it: what they ask reaches the mesh, and its answers reach them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { DagRunState, RunType, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { Code, ConnectError, fail, reasonOf } from '#kernel/errors/errors.ts';
import { openEdge } from '#kernel/rpc/edge-client.ts';
import { type FakeMesh, startFakeMesh } from '../../../tests/kit/fake-mesh.ts';
import { BACKFILL_ID, tokenOf } from '../../../tests/kit/fake-world.ts';
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
    await eventually(() => asked('GetDagRun').length >= 2, {
      deadlineMs: 30_000,
      what: 'it looks',
    });
    mesh.world.runs.set('slow', { ...run, state: DagRunState.FAILED });
    expect((await answer).run?.state).toBe(DagRunState.FAILED);
  });

  test('ends when the time is over, with the run as it is', async () => {
    mesh.world.runs.set('slow', { dagId: 'etl', runId: 'slow', state: DagRunState.RUNNING });
    expect((await wait(120)).run?.state).toBe(DagRunState.RUNNING);
    expect(asked('GetDagRun').length).toBeLessThan(6);
  });

  test('is for two hundred calls of a user at once, and others wait all the same', async () => {
    mesh.world.runs.set('slow', { dagId: 'etl', runId: 'slow', state: DagRunState.RUNNING });
    const over = new AbortController();
    const request = { dagId: 'etl', runId: 'slow', wait: toDuration(20_000) };
    const runs = edge().client(DagRunService);
    const waiting = Array.from({ length: 200 }, () =>
      runs.waitDagRun(request, { signal: over.signal }).catch(reasonOf),
    );
    await eventually(() => asked('GetDagRun').length >= 200, {
      deadlineMs: 30_000,
      what: 'all of them wait',
    });
    await expect(wait(100)).rejects.toSatisfy(failingWith('limit_reached'));
    const other = openEdge({ url: mesh.url, token: tokenOf('viewer') }).client(DagRunService);
    const brief = { ...request, wait: toDuration(1) };
    expect((await other.waitDagRun(brief)).run?.state).toBe(DagRunState.RUNNING);
    over.abort();
    await Promise.all(waiting);
    await eventually(
      () =>
        wait(1).then(
          () => true,
          () => false,
        ),
      {
        deadlineMs: 30_000,
        what: 'the user may wait again',
      },
    );
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

  test('and its DAG are shown without what their triggers prove themselves with', async () => {
    const value = { url: 'https://jobs', headers: { authorization: 'Bearer s3cret' } };
    const wait = { waitId: 'w', trigger: { kind: { case: 'http' as const, value } } };
    const dag = mesh.world.dags.get('etl') ?? {};
    const task = mesh.world.tasks[1] ?? {};
    Object.assign(task, { wait });
    const spec = { dagId: 'etl', tasks: [{ taskId: 'wait', trigger: wait.trigger }] };
    mesh.world.dags.set('etl', { ...dag, spec });
    const place = { dagId: 'etl', runId: 'manual__1' };
    const tasks = edge().client(TaskInstanceService);
    const answers = [
      await tasks.listTaskInstances(place),
      await tasks.getTaskInstance({ ...place, taskId: task.taskId ?? '' }),
      await edge().client(DagService).getDag({ dagId: 'etl' }),
    ];
    mesh.world.dags.set('etl', dag);
    Object.assign(task, { wait: undefined });
    for (const answer of answers) {
      const shown = JSON.stringify(answer, (_key, part: unknown) =>
        typeof part === 'bigint' ? String(part) : part,
      );
      expect(shown).not.toContain('s3cret');
      expect(shown).toContain('"authorization":"***"');
    }
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

describe('an operation', () => {
  const place = { dagId: 'etl', runId: 'manual__1' };

  test('on tasks reaches the owner of their DAG whole, in the name of its user', async () => {
    const tasks = edge().client(TaskInstanceService);
    const selection = { ...place, taskIds: ['load', 'group'], includeFuture: true };
    const wanted = { selection, onlyFailed: true, runOnLatestVersion: false, note: 'again' };
    const { taskInstances, totalCount } = await tasks.clearTaskInstances(wanted);
    expect({ count: taskInstances.length, totalCount }).toEqual({ count: 2, totalCount: 2 });
    expect(asked('ClearTaskInstances')).toMatchObject([{ ...wanted, actor: 'op' }]);
    await tasks.markTaskInstances({ selection, state: TaskInstanceState.SKIPPED });
    expect(asked('MarkTaskInstances')).toMatchObject([{ selection, actor: 'op' }]);
    await tasks.setTaskInstanceNote({ ...place, taskId: 'load', mapIndex: 0, note: 'why' });
    expect(asked('SetNote')).toMatchObject([{ taskId: 'load', mapIndex: 0, actor: 'op' }]);
  });

  test('that marks what cannot be marked is refused at the door', async () => {
    const state = TaskInstanceState.RUNNING;
    const refused = edge().client(TaskInstanceService).markTaskInstances({
      selection: place,
      state,
    });
    await expect(refused).rejects.toMatchObject({ code: Code.InvalidArgument });
    expect(asked('MarkTaskInstances')).toEqual([]);
  });

  test('on a run is one on all its tasks', async () => {
    const runs = edge().client(DagRunService);
    await runs.clearDagRun({ ...place, onlyFailed: true, dryRun: true });
    expect(asked('ClearTaskInstances')).toMatchObject([
      { selection: { ...place, taskIds: [] }, onlyFailed: true, dryRun: true, actor: 'op' },
    ]);
    const { state } = await runs.markDagRun({ ...place, state: DagRunState.SUCCESS });
    expect(state).toBe(DagRunState.SUCCESS);
    await runs.setDagRunNote({ ...place, note: 'done' });
    expect(asked('SetNote')).toMatchObject([{ ...place, taskId: '', note: 'done' }]);
  });

  test('on a backfill finds the DAG whose owner has it', async () => {
    await edge().client(BackfillService).pauseBackfill({ backfillId: BACKFILL_ID });
    expect(asked('ChangeBackfill')).toMatchObject([{ dagId: 'etl', actor: 'op' }]);
    const missing = BACKFILL_ID.replace('019', '020');
    const cancel = edge().client(BackfillService).cancelBackfill({ backfillId: missing });
    await expect(cancel).rejects.toSatisfy(failingWith('backfill_not_found'));
  });

  test('that makes a backfill says how many dates get what', async () => {
    const dates = { fromDate: toTimestamp(0), toDate: toTimestamp(86_400_000) };
    const answer = await edge()
      .client(BackfillService)
      .createBackfill({ dagId: 'etl', ...dates, dryRun: true });
    expect(answer.actionCounts).toEqual({ create: 1, in_flight: 1 });
    expect(answer.dates).toHaveLength(2);
    expect(answer.backfill?.dates).toEqual([]);
    const [request] = asked('CreateBackfill') as { requestId: string }[];
    expect(request?.requestId).not.toBe('');
  });

  test('on an asset runs the one DAG that makes it', async () => {
    const { dagId, runId } = await edge()
      .client(AssetService)
      .materializeAsset({ assetUri: 's3://lake/rows', requestId: 'once' });
    expect(dagId).toBe('etl');
    expect(asked('TriggerDagRun')).toMatchObject([
      { dagId, runType: RunType.ASSET_MATERIALIZATION, requestId: 'once', actor: 'op' },
    ]);
    expect(mesh.world.runs.has(runId)).toBe(true);
    const unnamed = edge().client(AssetService).materializeAsset({});
    await expect(unnamed).rejects.toMatchObject({ code: Code.InvalidArgument });
  });

  test('that reports an update of an asset is one update, however often it is sent', async () => {
    mesh.faults.set('PutAssetEvents', [new ConnectError('reset', Code.Unavailable)]);
    const { event } = await edge().client(AssetService).createAssetEvent({ assetName: 'rows' });
    const sent = asked('PutAssetEvents') as { events: { id: string; actor: string }[] }[];
    const ids = sent.map(({ events }) => events[0]?.id);
    expect(ids).toEqual([event?.id, event?.id]);
    expect(sent[0]?.events[0]?.actor).toBe('op');
  });

  test('that answers a question keeps the reason of a refusal', async () => {
    const answer = { ...place, taskId: 'extract', chosenOptions: ['Approve'] };
    const refused = edge().client(HumanInputService).respondHumanInput(answer);
    await expect(refused).rejects.toSatisfy(failingWith('not_awaiting_input'));
    expect(asked('RespondHumanInput')).toMatchObject([
      { taskId: 'extract', response: { chosenOptions: ['Approve'] }, actor: 'op' },
    ]);
  });

  test('on the XComs of a task names its user', async () => {
    const xcom = { ...place, taskId: 'extract', key: 'path', valueJson: '1' };
    await edge().client(XComService).setXCom(xcom);
    expect(asked('SetXCom')).toMatchObject([{ query: xcom, actor: 'op' }]);
  });

  test('that parses a DAG file finds it by its DAG', async () => {
    const { dagFile, dagIds } = await edge().client(DagService).parseDagFile({ dagId: 'etl' });
    expect({ dagFile, dagIds }).toEqual({ dagFile: 'etl.ts', dagIds: ['etl'] });
    expect(asked('ParseFiles')).toMatchObject([{ paths: ['etl.ts'] }]);
  });
});
