// DagRunService.WaitDagRun: answer when a run has finished, or when the wait is over.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type DagRun, DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { paceMs } from '../../core/pace.ts';
import { type ApiContext, type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

/** The longest wait, and that of a caller who names none. */
const WAIT_MAX_MS = 60_000;
const LONGEST_PACE_MS = 500;

/**
 * The mesh has no stream of events that tells of a run's end, so this looks at the run, first every
 * 50 ms, at last every 500 ms: a short run is answered for at once, a long one costs two reads of a
 * row a second.
 */
export function waitDagRun(mesh: Mesh): ApiHandler<typeof DagRunService.method.waitDagRun> {
  return async ({ dagId, runId, wait }, context) => {
    const waitMs = Math.min(fromDuration(wait) ?? WAIT_MAX_MS, WAIT_MAX_MS);
    const over = mesh.waits.begin(context.principal.userName);
    try {
      return { run: await untilFinished(mesh, context, { dagId, runId, waitMs }) };
    } finally {
      over();
    }
  };
}

async function untilFinished(
  mesh: Mesh,
  context: ApiContext,
  wanted: { readonly dagId: string; readonly runId: string; readonly waitMs: number },
): Promise<DagRun> {
  const { clock } = mesh;
  const { dagId, runId, waitMs } = wanted;
  const endMs = clock.monotonicMs() + waitMs;
  for (let looksCount = 0; ; looksCount += 1) {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.getDagRun({ dagId, runId, onlyRun: true }, call),
    );
    const run = present(answer.run?.run);
    const leftMs = endMs - clock.monotonicMs();
    if (isFinished(run) || leftMs <= 0) return run;
    await clock.sleep(Math.min(paceMs(looksCount, LONGEST_PACE_MS), leftMs), context.signal);
    context.signal.throwIfAborted();
  }
}

function isFinished({ state }: DagRun): boolean {
  return state === DagRunState.SUCCESS || state === DagRunState.FAILED;
}
