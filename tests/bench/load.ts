// Putting load on a system and waiting for its end, through the public door.
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { type DagRun, DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { TestMesh } from '../kit/mesh.ts';
import { eventually } from '../kit/wait.ts';

const PARSE_LIMIT_MS = 60_000;
const WAIT_S = 30;

/** Two children that share 64 slots: what a worker for short tasks is set to on two cores. */
export const shortTaskWorker = {
  language: 'typescript',
  slots: 64,
  env: { DAGMESH_WORKER_ATTEMPTS_PER_CHILD: '32', DAGMESH_WORKER_TASKS_PER_CHILD: '1000000' },
} as const;

/**
 * Waits until a DAG is known, after making the pool without limit that benchmark tasks take their
 * slots from.
 */
export async function ready(mesh: TestMesh, dagId: string): Promise<void> {
  await mesh.client(PoolService).putPool({ pool: { name: 'bench', slots: -1 } });
  const dags = mesh.client(DagService);
  await eventually(
    () =>
      dags.getDag({ dagId }).then(
        () => true,
        () => false,
      ),
    { deadlineMs: PARSE_LIMIT_MS, what: () => `${dagId} is parsed\n${mesh.tails()}`, pollMs: 50 },
  );
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
