// Finished runs that a backfill processes again are read until they are there, or gone for good.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  BackfillAction,
  BackfillSchema,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { advanceBackfills } from '../../core/operation/backfills.ts';
import { endRun } from '../../core/run/run-end.ts';
import type { Run } from '../../core/run/run.ts';
import { settleAll } from '../../core/transition.ts';
import { DagRunState, TaskInstanceState } from '../../core/state.ts';
import { asking } from '../../testing/asking.ts';
import { aWorld, NEW_YEAR_MS } from '../../testing/picture-world.ts';
import type { RunFinder } from '../../rpc/find.ts';
import { createBackfillKeeper } from './backfill-keeper.ts';

/** A finished run, and a backfill that wants it; how it is found is up to the test. */
function aScene(find: (run: Run) => Promise<RunFinder>) {
  const world = aWorld({ tasks: [{ taskId: 'a' }] });
  const logicalDateMs = NEW_YEAR_MS;
  const run = world.run({ logicalDateMs });
  world.decide((deciding) => {
    settleAll(deciding, run, () => TaskInstanceState.SUCCESS);
    endRun(deciding, run, { state: DagRunState.SUCCESS, reason: '' });
  });
  world.commit();
  const at = toTimestamp(logicalDateMs);
  const date = { ordinal: 1, action: BackfillAction.REPROCESS, logicalDate: at, runAfter: at };
  const state = BackfillState.RUNNING;
  const backfill = create(BackfillSchema, { backfillId: 'b', dagId: 'd', state, dates: [date] });
  world.dag.backfills.set('b', backfill);
  const options = asking(world, () => keeper);
  const keeper = createBackfillKeeper({
    ...options,
    find: () => find(run),
  });
  const want = () => {
    world.decide((deciding, moment) => advanceBackfills(deciding, moment, world.dag));
    keeper.look();
  };
  return { world, run, backfill, clock: options.clock, keeper, want };
}

test('a ledger that is away for long is asked again until it is back', async () => {
  let isAway = true;
  const { backfill, clock, run, want } = aScene(async (found) => {
    if (isAway) throw fail('unreachable', 'the ledger is away');
    return () => found;
  });
  want();
  await clock.advance(600_000);
  isAway = false;
  await clock.advance(10_000);
  expect(backfill.dates[0]?.runId).toBe(run.runId);
});

test('a run that is gone is made anew', async () => {
  const { backfill, clock, world, want } = aScene(async () => {
    throw fail('run_not_found', 'somebody deleted it');
  });
  want();
  await clock.advance(1_000);
  const [date] = backfill.dates;
  expect(date?.action).toBe(BackfillAction.CREATE);
  expect(world.dag.runs.get(date?.runId ?? '')?.backfillId).toBe('b');
});

test('what a new picture wants is read, though the old one is still being answered', async () => {
  const answers: PromiseWithResolvers<RunFinder>[] = [];
  const { backfill, clock, run, world, want } = aScene(() => {
    const asked = Promise.withResolvers<RunFinder>();
    answers.push(asked);
    return asked.promise;
  });
  want();
  // The picture was dropped and built anew: the same backfill, in other objects.
  const again = create(BackfillSchema, { ...backfill, dates: [...backfill.dates] });
  again.dates = again.dates.map((date) => ({ ...date }));
  world.dag.backfills.set('b', again);
  want();
  expect(answers).toHaveLength(2);
  answers[1]?.resolve(() => run);
  await clock.advance(1_000);
  expect(again.dates[0]?.runId).toBe(run.runId);
});
