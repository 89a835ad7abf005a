// What people change reaches the owner whole, in their name.
import { describe, expect, test } from 'vitest';
import { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { DagRunState, RunType, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { Code, ConnectError } from '#kernel/errors/errors.ts';
import { BACKFILL_ID } from '../../../tests/kit/fake-world.ts';
import { failingWith, useDoor } from '../test-door.ts';

const { mesh, edge, asked } = useDoor();

describe('an operation', () => {
  const place = { dagId: 'etl', runId: 'manual__1' };

  test('on tasks reaches the owner of their DAG whole, in the name of its user', async () => {
    const tasks = edge().client(TaskInstanceService);
    const selection = { ...place, taskIds: ['load', 'group'], includeFuture: true };
    const wanted = { selection, onlyFailed: true, runOnLatestVersion: false, note: 'again' };
    const { taskInstances, totalCount } = await tasks.clearTaskInstances(wanted);
    expect({ count: taskInstances.length, totalCount }).toEqual({ count: 2, totalCount: 2 });
    expect(asked('ClearTaskInstances')).toMatchObject([{ ...wanted, actor: 'op' }]);
    mesh.world.marks = { soAlready: ['group'], failed: ['after'] };
    const marked = await tasks.markTaskInstances({ selection, state: TaskInstanceState.SKIPPED });
    expect(marked).toMatchObject({
      ...{ totalCount: 1, taskInstances: [{ taskId: 'load' }] },
      ...{ clearedCount: 1, clearedTaskInstances: [{ taskId: 'after' }] },
    });
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
