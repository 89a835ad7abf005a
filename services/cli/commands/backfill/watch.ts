// Watches a backfill until it is over, and tells a person how it goes.
import {
  type BackfillStatus,
  GetBackfillResponseSchema,
} from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type { Context } from '../../context.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { toPlain } from '../../core/plain.ts';
import { patiently } from '../../patience.ts';
import { drawRows, showOne } from '../../screen.ts';
import { pausedWords } from '../runs/paused.ts';
import { backfillColumns, backfillState, progressLine } from './columns.ts';

/** How often it is looked at. */
const PACE_MS = 1_000;

/** Says each change; 0 when all of it succeeded, 1 when a run failed or it was cancelled. */
export async function watchBackfill(context: Context, backfillId: string): Promise<ExitCode> {
  const { api, screen, clock, signal } = context;
  let said = '';
  for (;;) {
    const answer = await patiently(context, () => api.backfills.getBackfill({ backfillId }));
    const { status } = answer;
    if (status === undefined) return EXIT.failed;
    const line = [
      `${backfillState(status)}: ${progressLine(status.progress)}`,
      ...(await whyNothingRuns(context, status)),
    ].join('\n');
    if (line !== said) screen.say(line);
    said = line;
    const state = status.backfill?.state;
    if (state === BackfillState.COMPLETED || state === BackfillState.CANCELLED) {
      showOne(screen, toPlain(GetBackfillResponseSchema, answer), () =>
        drawRows(screen, backfillColumns(clock.nowMs()), [status]),
      );
      const hasSucceeded =
        state === BackfillState.COMPLETED && (status.progress?.failedCount ?? 0) === 0;
      return hasSucceeded ? EXIT.ok : EXIT.failed;
    }
    await clock.sleep(PACE_MS, signal);
  }
}

async function whyNothingRuns(context: Context, status: BackfillStatus): Promise<string[]> {
  const { backfill, progress } = status;
  if (backfill?.state !== BackfillState.RUNNING || progress?.runningCount !== 0) return [];
  const words = await pausedWords(context, backfill.dagId);
  return words === '' ? [] : [words];
}
