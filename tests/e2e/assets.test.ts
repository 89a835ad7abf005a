// Assets and schedules without a calendar, on both forms of the system.
import { describe, expect, test } from 'vitest';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { finish, query, returnValue, type RunRef, runDag, waitForDag } from '../kit/flow.ts';
import { fastTimings, ownDags } from '../kit/mesh.ts';
import { modes, useMesh } from '../kit/use-mesh.ts';
import { eventuallyGives } from '../kit/wait.ts';

const DAG_IDS = ['orders_producer', 'both_consumer', 'days_consumer', 'endless'];

describe.each(modes)('on %s', (mode) => {
  const mesh = useMesh(
    (folder) => ({ mode, dagsFolder: ownDags(folder, 'assets.ts'), env: fastTimings }),
    async (started) => {
      for (const dagId of DAG_IDS) await waitForDag(started, dagId);
    },
  );

  /** The runs of a DAG in the order in which they were made, once there are so many. */
  const runsOf = (dagId: string, count: number) =>
    eventuallyGives(
      async () => {
        const runs = await query<RunRef & { type: string; key: string; state: string }>(
          mesh,
          `select dag_id as "dagId", run_id as "runId", run_type::text as type,
             partition_key as key, state::text as state
           from dag_run where dag_id = $1 order by queued_at, run_id`,
          [dagId],
        );
        return runs.length >= count ? runs : undefined;
      },
      { deadlineMs: 60_000, what: () => `${count} runs of ${dagId}\n${mesh.tails()}` },
    );

  test('a DAG runs once when both of its assets were updated, with all updates', async () => {
    await runDag(mesh, 'orders_producer');
    await runDag(mesh, 'orders_producer');
    await runDag(mesh, 'refunds_producer');
    const [run] = await runsOf('both_consumer', 1);
    if (run === undefined) throw new Error('no run');
    expect(run).toMatchObject({ type: 'asset_triggered' });
    expect(run.runId).toMatch(/^asset_triggered__.*\+00:00_[0-9a-f]{8}$/);
    await finish(mesh, run);
    expect(await returnValue(mesh, { ...run, taskId: 'sum' })).toBe(7);
    expect(await runsOf('both_consumer', 1)).toHaveLength(1);
    expect(
      await query(mesh, `select 1 from asset_delivery where dag_id = 'both_consumer'`),
    ).toEqual([]);
  });

  test('partitions of hours become runs of their days', async () => {
    for (const partitionKey of ['2026-02-10T14:00:00', '2026-02-11T01:00:00']) {
      await mesh.client(DagRunService).triggerDagRun({ dagId: 'clicks_producer', partitionKey });
    }
    const runs = await runsOf('days_consumer', 2);
    expect(new Set(runs.map(({ key }) => key))).toEqual(new Set(['2026-02-10', '2026-02-11']));
    expect(runs.every(({ key, runId }) => runId.startsWith(`${key}__`))).toBe(true);
  });

  test('a continuous DAG runs again and again, one run at a time', async () => {
    await mesh.client(DagService).unpauseDag({ dagId: 'endless' });
    const runs = await runsOf('endless', 4);
    await mesh.client(DagService).pauseDag({ dagId: 'endless' });
    expect(runs.slice(0, 3).map(({ state }) => state)).toEqual(['success', 'success', 'success']);
    const overlaps = await query(
      mesh,
      `select 1 from dag_run as one join dag_run as other using (dag_id)
       where dag_id = 'endless' and one.start_date < other.start_date
         and (one.end_date is null or one.end_date > other.start_date)`,
    );
    expect(overlaps).toEqual([]);
  });
});
