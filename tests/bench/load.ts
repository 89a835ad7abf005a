// A system to measure on, load for it, and waiting for its end, through the public door.
import { join } from 'node:path';
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { type DagRun, DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { waitForDag } from '../kit/flow.ts';
import {
  type MeshMode,
  type MeshOptions,
  repository,
  startMesh,
  type TestMesh,
} from '../kit/mesh.ts';

const WAIT_S = 30;

/** Two children that share 64 slots: what a worker for short tasks is set to on two cores. */
export const shortTaskWorker = {
  language: 'typescript',
  slots: 64,
  env: { DAGMESH_WORKER_ATTEMPTS_PER_CHILD: '32', DAGMESH_WORKER_TASKS_PER_CHILD: '1000000' },
} as const;

/** The DAGs of most measures. */
const benchDags = join(repository, 'tests', 'bench', 'dags');

/** What a measure starts; without more, the DAGs of the benchmark and one worker. */
type Stack = { readonly mode: MeshMode } & Partial<Pick<MeshOptions, 'dagsFolder' | 'workers'>>;

/** Starts a system that keeps what it writes, measures on it, and stops it. */
export async function onMesh<T>(
  stack: Stack | ((folder: string) => Stack),
  measure: (mesh: TestMesh) => Promise<T>,
): Promise<T> {
  const mesh = await startMesh((folder) => ({
    isDurable: true,
    dagsFolder: benchDags,
    ...(typeof stack === 'function' ? stack(folder) : stack),
  }));
  try {
    return await measure(mesh);
  } finally {
    await mesh.stop();
  }
}

/**
 * Waits until a DAG is known, after making the pool without limit that benchmark tasks take their
 * slots from.
 */
export async function ready(mesh: TestMesh, dagId: string): Promise<void> {
  await mesh.client(PoolService).putPool({ pool: { name: 'bench', slots: -1 } });
  await waitForDag(mesh, dagId);
}

/** Triggers a run and waits for its success. */
export async function runToEnd(mesh: TestMesh, dagId: string): Promise<DagRun> {
  const { runId } = await mesh.client(DagRunService).triggerDagRun({ dagId });
  return waitForEnd(mesh, { dagId, runId });
}

/** Waits for a run's success; a failed or hung run fails the benchmark. */
export async function waitForEnd(
  mesh: TestMesh,
  of: { readonly dagId: string; readonly runId: string },
): Promise<DagRun> {
  const runs = mesh.client(DagRunService);
  for (let waits = 0; waits < 10; waits += 1) {
    const wait = { seconds: BigInt(WAIT_S), nanos: 0 };
    const { run } = await runs.waitDagRun({ ...of, wait }, { timeoutMs: (WAIT_S + 10) * 1000 });
    if (run?.state === DagRunState.SUCCESS) return run;
    if (run?.state === DagRunState.FAILED) {
      throw new Error(`run ${of.runId} of ${of.dagId} failed: ${run.stateReason}`);
    }
  }
  throw new Error(`run ${of.runId} of ${of.dagId} hangs\n${mesh.tails()}`);
}

/** Milliseconds from when a run was queued to its end. */
export function spanMs(run: DagRun): number {
  return (fromTimestamp(run.endDate) ?? Number.NaN) - (fromTimestamp(run.queuedAt) ?? Number.NaN);
}
