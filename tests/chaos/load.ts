// The load that faults are thrown at, and the witnesses that must agree when it has ended.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { query, trigger, waitForDag } from '../kit/flow.ts';
import { fastTimings, fixtureDags, startMesh, type TestMesh } from '../kit/mesh.ts';
import { eventually } from '../kit/wait.ts';

/** 25 runs of 20 tasks. */
export const runsCount = 25;
export const tasksCount = 500;

/** Where the task bodies of a mesh write down their effects. */
export function effectsFileIn(folder: string): string {
  return join(folder, 'effects');
}

/**
 * A mesh of separate processes with two workers, whose task bodies write down their effects; it
 * ends with the test.
 */
export async function startLoadMesh(): Promise<TestMesh> {
  const mesh = await startMesh((folder) => {
    const env = { DAGMESH_EFFECTS: effectsFileIn(folder) };
    const worker = { language: 'typescript', slots: 8, env } as const;
    return {
      mode: 'mesh',
      dagsFolder: fixtureDags,
      env: fastTimings,
      workers: [worker, worker],
    };
  });
  onTestFinished(() => mesh.stop());
  await waitForDag(mesh, 'load');
  await mesh.client(PoolService).putPool({ pool: { name: 'load', slots: 40 } });
  return mesh;
}

/** Triggers all runs; resolves once some tasks have succeeded and most have not. */
export async function startLoad(mesh: TestMesh): Promise<void> {
  for (let i = 0; i < runsCount; i += 1) await trigger(mesh, 'load');
  await eventually(async () => (await countOf(mesh, 'success')) > 20, {
    deadlineMs: 60_000,
    what: () => `the load is under way\n${mesh.tails()}`,
  });
}

/** Waits until every run has succeeded. */
export async function endLoad(mesh: TestMesh): Promise<void> {
  const unfinished = async () => {
    const rows = await query<{ count: number }>(
      mesh,
      `select count(*)::int as count from dag_run where dag_id = 'load' and state <> 'success'`,
    ).catch(() => []);
    return rows[0]?.count;
  };
  await eventually(async () => (await unfinished()) === 0, {
    deadlineMs: 150_000,
    what: () => `all runs of the load have succeeded\n${mesh.tails()}`,
    pollMs: 100,
  });
}

/** The ledger's history and the ledger of effects must tell the same story. */
export async function expectOneEffectEach(mesh: TestMesh): Promise<void> {
  const accepted = await query<{ attempt_id: string }>(
    mesh,
    `select a.attempt_id from task_attempt a
     join task_instance i on i.id = a.task_instance_id join dag_run r on r.id = i.dag_run_id
     where r.dag_id = 'load' and a.state = 'success'`,
  );
  expect(accepted).toHaveLength(tasksCount);
  const effects = effectsOf(mesh);
  const wrong = accepted.filter((each) => effects.get(each.attempt_id) !== 1);
  expect(wrong).toEqual([]);
  const [instances] = await query<{ succeeded: number; live: number }>(
    mesh,
    `select count(*) filter (where i.state = 'success')::int as succeeded,
       (select count(*) from task_attempt where state = 'running')::int as live
     from task_instance i join dag_run r on r.id = i.dag_run_id where r.dag_id = 'load'`,
  );
  expect(instances).toEqual({ succeeded: tasksCount, live: 0 });
  const [pool] = await query<{ used: number }>(
    mesh,
    `select used from slot_pool_balance where name = 'load'`,
  );
  expect(pool?.used).toBe(0);
}

/** How often each attempt's body ran to its end. */
export function effectsOf(mesh: TestMesh): Map<string, number> {
  const file = effectsFileIn(mesh.folder);
  const counts = new Map<string, number>();
  if (!existsSync(file)) return counts;
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const attemptId = line.split(' ')[0] ?? '';
    counts.set(attemptId, (counts.get(attemptId) ?? 0) + 1);
  }
  return counts;
}

async function countOf(mesh: TestMesh, state: string): Promise<number> {
  const [row] = await query<{ count: number }>(
    mesh,
    `select count(*)::int as count from task_instance i join dag_run r on r.id = i.dag_run_id
     where r.dag_id = 'load' and i.state::text = $1`,
    [state],
  );
  return row?.count ?? 0;
}
