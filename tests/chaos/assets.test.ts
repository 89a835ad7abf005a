// Updates of assets while schedulers are killed and every report is sent twice: each update starts
// one run of each DAG that waits for it, and none is lost.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { query, trigger, waitForDag } from '../kit/flow.ts';
import { fastTimings, fixtureDags, type TestMesh } from '../kit/mesh.ts';
import { useMesh } from '../kit/use-mesh.ts';
import { eventually } from '../kit/wait.ts';

/** Runs of each of the two DAGs that make an asset. */
const RUNS = 25;

const mesh = useMesh(
  {
    mode: 'mesh',
    dagsFolder: join(fixtureDags, '..', 'asset-dags'),
    env: fastTimings,
    workers: [],
  },
  async (started) => {
    for (const dagId of ['makes_left', 'makes_right', 'wants_either', 'wants_both']) {
      await waitForDag(started, dagId);
    }
  },
);

type Lease = { readonly attemptToken: string };

/** A worker over plain HTTP that says twice that each task has succeeded. */
function startDoubleWorker(door: TestMesh['workerDoor']): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const workerId = 'double';
  const call = async (method: string, body: object): Promise<{ leases?: Lease[] }> => {
    const response = await fetch(`${door.httpUrl}/dagmesh.worker.v1.WorkerService/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${door.token}` },
      body: JSON.stringify({ workerId, ...body }),
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(15_000)]),
    });
    return (await response.json()) as { leases?: Lease[] };
  };
  const report = ({ attemptToken }: Lease) =>
    call('ReportTasks', { reports: [{ attemptToken, outcome: 'OUTCOME_SUCCESS' }] });
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // What fails while a scheduler is away is asked again.
      const wanted = { queues: ['default'], slots: 4, wait: '0.5s' };
      const { leases = [] } = await call('AcquireTasks', wanted).catch(() => ({}) as never);
      await Promise.allSettled(leases.flatMap((lease) => [report(lease), report(lease)]));
    }
  };
  const working = work();
  return {
    stop: async () => {
      stopping.abort();
      await working;
    },
  };
}

/** Each link of an update to a run of a DAG, and what still waits there. */
async function storyOf(dagId: string) {
  const taken = await query<{ event_id: string; run_id: string; asset: string }>(
    mesh,
    `select l.event_id, r.run_id, e.asset_name as asset
     from dag_run_asset_event l join dag_run r on r.id = l.dag_run_id
     join asset_event e on e.id = l.event_id where r.dag_id = $1`,
    [dagId],
  );
  const waiting = await query<{ event_id: string; asset: string }>(
    mesh,
    `select d.event_id, e.asset_name as asset from asset_delivery d
     join asset_event e on e.id = d.event_id where d.dag_id = $1`,
    [dagId],
  );
  return { taken, waiting };
}

const countOf = async (sql: string): Promise<number> => {
  const rows = await query(mesh, sql).catch(() => undefined);
  return rows?.length ?? Number.NaN;
};

test('schedulers that are killed between an update and its runs lose and repeat nothing', async () => {
  const second = await mesh.startAnother('scheduler');
  const worker = startDoubleWorker(mesh.workerDoor);
  onTestFinished(() => worker.stop());
  const updates = () => countOf('select 1 from asset_event');
  const reaches = (count: number) =>
    eventually(async () => (await updates()) >= count, {
      deadlineMs: 60_000,
      what: () => `there are ${count} updates\n${mesh.tails()}`,
      pollMs: 2,
    });
  for (let i = 0; i < RUNS; i += 1) {
    await trigger(mesh, 'makes_left');
    await trigger(mesh, 'makes_right');
  }
  await reaches(5);
  await mesh.program('scheduler').restart();
  await reaches(20);
  await second.restart();
  await reaches(RUNS * 2);
  await eventually(
    async () =>
      (await countOf(`select 1 from dag_run where state not in ('success', 'failed')`)) === 0 &&
      (await countOf(`select 1 from asset_delivery where dag_id = 'wants_either'`)) === 0,
    { deadlineMs: 60_000, what: () => `all runs have ended\n${mesh.tails()}`, pollMs: 50 },
  );

  expect(await updates()).toBe(RUNS * 2);
  const made = await query<{ id: string }>(mesh, 'select id from asset_event');
  const ids = made.map(({ id }) => id).sort();
  const either = await storyOf('wants_either');
  expect(either.taken.map(({ event_id }) => event_id).sort()).toEqual(ids);

  const both = await storyOf('wants_both');
  const known = [...both.taken, ...both.waiting].map(({ event_id }) => event_id);
  expect(known.sort()).toEqual(ids);
  // What is left over waits for its counterpart.
  expect(new Set(both.waiting.map(({ asset }) => asset)).size).toBeLessThan(2);
  const assetsOfRuns = Map.groupBy(both.taken, ({ run_id }) => run_id);
  for (const taken of assetsOfRuns.values()) {
    expect(new Set(taken.map(({ asset }) => asset))).toEqual(new Set(['left', 'right']));
  }
  for (const dagId of ['wants_either', 'wants_both']) {
    const { taken } = await storyOf(dagId);
    const runs = await countOf(`select 1 from dag_run where dag_id = '${dagId}'`);
    expect(runs).toBe(new Set(taken.map(({ run_id }) => run_id)).size);
  }
}, 300_000);
