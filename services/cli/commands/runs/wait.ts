// `dagmesh runs wait`, and the waiting of `dags trigger --wait`.
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type DagRun, DagRunSchema, DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { command, parsed, required } from '../../command.ts';
import type { Context } from '../../context.ts';
import { parseSpanMs } from '../../core/arguments.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { toPlain } from '../../core/plain.ts';
import { span } from '../../core/when.ts';
import { patiently } from '../../patience.ts';
import { drawRows, showOne } from '../../screen.ts';
import { runColumns, runState, runTook } from './columns.ts';
import { resolveRunId, runArgument } from './latest.ts';
import { PAUSED_CALL, sayIfPaused } from './paused.ts';

/** One call waits this long at most; then the next one begins. */
const CALL_WAIT_MS = 20_000;
/** What the answer may take beyond the wait. */
const CALL_MARGIN_MS = 10_000;

/** `--timeout`, wherever one can wait. */
export const timeoutOption = parsed(
  '--timeout <span>',
  'give up waiting after so long, e.g. 90s, 5m, 2h (the run goes on)',
  parseSpanMs,
);

export const waitForRun = command({
  path: 'runs wait',
  summary: 'Wait until a run has finished',
  about: 'Exit code 0 when it succeeded, 1 when it failed, 5 when --timeout was over first.',
  calls: [DagRunService.method.waitDagRun, PAUSED_CALL],
  args: { dagId: required('<dag-id>', 'the DAG'), runId: runArgument },
  options: { timeoutMs: timeoutOption },
  examples: ['dagmesh runs wait seattle_weather latest --timeout 10m'],
  run: async ({ args, options }, context) => {
    const key = { dagId: args.dagId, runId: await resolveRunId(context.api, args) };
    await sayIfPaused(context, args.dagId);
    const run = await untilFinished(context, key, options.timeoutMs);
    showOne(context.screen, toPlain(DagRunSchema, run), () =>
      drawRows(context.screen, runColumns(context.clock.nowMs()), [run]),
    );
    return verdict(context, run);
  },
});

/** Waits for the end of a run. Errors: DEADLINE_EXCEEDED after `timeoutMs`. */
export async function untilFinished(
  context: Context,
  key: { readonly dagId: string; readonly runId: string },
  timeoutMs: number | undefined,
): Promise<DagRun> {
  const { api, clock, signal } = context;
  const endMs = clock.monotonicMs() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  for (;;) {
    const leftMs = Math.ceil(Math.max(0, endMs - clock.monotonicMs()));
    const waitMs = Math.min(CALL_WAIT_MS, leftMs);
    const request = { ...key, wait: toDuration(waitMs) };
    const { run } = await patiently(context, () =>
      api.runs.waitDagRun(request, { signal, timeoutMs: waitMs + CALL_MARGIN_MS }),
    );
    if (run !== undefined && isFinished(run)) return run;
    if (clock.monotonicMs() >= endMs) {
      const state = run === undefined ? 'not there' : runState(run);
      const next = `See it with: dagmesh runs show ${key.dagId} ${key.runId}`;
      throw fail(
        'deadline_exceeded',
        `${key.runId} is ${state} after ${span(timeoutMs ?? 0)}; it goes on. ${next}`,
      );
    }
  }
}

/** Tells a person how a run ended, and answers the exit code for it. */
export function verdict({ screen, clock }: Context, run: DagRun): ExitCode {
  const took = runTook(run, clock.nowMs());
  if (run.state === DagRunState.SUCCESS) {
    screen.say(`Run ${run.runId} succeeded in ${took}.`);
    return EXIT.ok;
  }
  const reason = run.stateReason === '' ? '' : ` (${run.stateReason})`;
  const next = `dagmesh runs show ${run.dagId} ${run.runId}`;
  screen.say(`Run ${run.runId} failed after ${took}${reason}. See its tasks: ${next}`);
  return EXIT.failed;
}

/** Whether nothing more happens in it by itself. */
export function isFinished(run: DagRun): boolean {
  return run.state === DagRunState.SUCCESS || run.state === DagRunState.FAILED;
}
