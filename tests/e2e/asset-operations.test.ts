// What people do with assets, on both forms of the system: say that one was updated, have one made,
// look at what waits, and drop it.
import { describe, expect, test } from 'vitest';
import { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type DagRun, DagRunState, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { finish, returnValue, runDag, waitForDag } from '../kit/flow.ts';
import { fastTimings, fixtureDags } from '../kit/mesh.ts';
import { reasonFrom } from '../kit/operator.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventually, eventuallyGives } from '../kit/wait.ts';

describe.each(modes)('on %s', (mode) => {
  const mesh = useMesh({ mode, dagsFolder: fixtureDags, env: fastTimings }, async (started) => {
    for (const dagId of ['consumer', 'both_consumer', 'producer']) await waitForDag(started, dagId);
  });

  const assets = () => mesh.client(AssetService);

  const runsOf = async (dagId: string): Promise<DagRun[]> =>
    (await mesh.client(DagRunService).listDagRuns({ dagId, pageSize: 1000 })).runs;

  /** The newest run of a DAG, once it has so many and it has succeeded. */
  const nextRun = (dagId: string, count: number) =>
    eventuallyGives(
      async () => {
        const runs = await runsOf(dagId);
        const [newest] = runs;
        return runs.length === count && newest?.state === DagRunState.SUCCESS ? newest : undefined;
      },
      { deadlineMs: 60_000, what: () => `${dagId} has run ${count} times\n${mesh.tails()}` },
    );

  test('an update from outside starts who waits for it, and is told who said it', async () => {
    const { event } = await assets().createAssetEvent({
      assetUri: 's3://bucket/report',
      extraJson: '{"rows":9}',
    });
    expect(event).toMatchObject({ assetName: 'report', actor: 'admin', sourceDagId: '' });
    const run = await nextRun('consumer', 1);
    expect(run.runType).toBe(RunType.ASSET_TRIGGERED);
    expect(await returnValue(mesh, { ...run, taskId: 'read' })).toEqual([{ rows: 9 }]);
    const { dagId, runId } = run;
    const { assetEvents } = await mesh.client(DagRunService).getDagRun({ dagId, runId });
    expect(assetEvents.map(({ id }) => id)).toEqual([event?.id]);
    const listed = await assets().listAssetEvents({ assetName: 'report' });
    expect(listed.events.map(({ id }) => id)).toEqual([event?.id]);
  });

  test('an asset that is to be made runs who makes it, and then who waits for it', async () => {
    const made = await assets().materializeAsset({ assetName: 'report', note: 'please' });
    expect(made.dagId).toBe('producer');
    const run = await finish(mesh, made);
    expect(run).toMatchObject({ runType: RunType.ASSET_MATERIALIZATION, note: 'please' });
    await nextRun('consumer', 2);
    const { asset, producers, consumers } = await assets().getAsset({ assetName: 'report' });
    expect(asset).toMatchObject({ uri: 's3://bucket/report', isActive: true });
    expect(producers).toMatchObject([{ dagId: 'producer', taskId: 'make' }]);
    expect(consumers).toMatchObject([{ dagId: 'consumer' }]);
  });

  test('what is unknown, or made by nobody, is refused', async () => {
    const unknown = { assetName: 'nobody' };
    expect(await reasonFrom(assets().createAssetEvent(unknown))).toBe('asset_not_found');
    expect(await reasonFrom(assets().materializeAsset(unknown))).toBe('asset_not_found');
    const refunds = assets().materializeAsset({ assetName: 'refunds' });
    expect(await reasonFrom(refunds)).toMatch(/no_producer|asset_not_found/);
    for (const extraJson of ['[]', '{', '7']) {
      const wrong = assets().createAssetEvent({ assetName: 'report', extraJson });
      expect(await reasonFrom(wrong)).toBe('bad_request');
    }
  });

  test('a paused DAG does not gather updates', async () => {
    const dags = mesh.client(DagService);
    const before = (await runsOf('consumer')).length;
    await dags.pauseDag({ dagId: 'consumer' });
    await assets().createAssetEvent({ assetName: 'report' });
    expect((await assets().listQueuedEvents({ dagId: 'consumer' })).events).toEqual([]);
    await dags.unpauseDag({ dagId: 'consumer' });
    await assets().createAssetEvent({ assetName: 'report', extraJson: '{"rows":1}' });
    const run = await nextRun('consumer', before + 1);
    expect(await returnValue(mesh, { ...run, taskId: 'read' })).toEqual([{ rows: 1 }]);
  });

  test('updates that wait for their counterpart are listed, and start nothing when dropped', async () => {
    const queue = { dagId: 'both_consumer' };
    await runDag(mesh, 'orders_producer');
    await eventually(async () => (await assets().listQueuedEvents(queue)).events.length === 1, {
      deadlineMs: 60_000,
      what: 'the update waits',
    });
    expect(await assets().deleteQueuedEvents(queue)).toMatchObject({ deletedCount: 1 });
    expect((await assets().listQueuedEvents(queue)).events).toEqual([]);
    await runDag(mesh, 'refunds_producer');
    await runDag(mesh, 'orders_producer');
    const run = await nextRun('both_consumer', 1);
    expect(await returnValue(mesh, { ...run, taskId: 'sum' })).toBe(4);
  });
});
