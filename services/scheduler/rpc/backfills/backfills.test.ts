// Backfills from outside: what is asked for twice is done once, and several go on at once.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  BackfillAction,
  BackfillState,
  ReprocessBehavior,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { aDag, aTask } from '../../testing/specs.ts';
import { createWorld, type World } from '../../testing/world.ts';

let world: World;

beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.end());

async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  return reasonOf(await work.catch((error: unknown) => error));
}

const DAY_MS = 86_400_000;

test('a backfill that is asked for twice is one, and another request makes a second one', async () => {
  const timetable = { kind: { case: 'cron', value: { expression: '0 0 * * *' } } } as const;
  world.metadata.putDag(aDag('daily', [aTask('a')], { timetable, activeRunsMax: 1 }));
  const { client } = await world.start('s1');
  const wanted = (requestId: string) => {
    const toMs = world.clock.nowMs() - DAY_MS;
    const dates = { fromDate: toTimestamp(toMs - 3 * DAY_MS), toDate: toTimestamp(toMs) };
    return { backfill: { dagId: 'daily', ...dates }, actor: 'ann', requestId };
  };

  const [first, again] = [
    await client.createBackfill(wanted('1')),
    await client.createBackfill(wanted('1')),
  ];
  const { backfillId = '' } = first.backfill ?? {};
  expect(again.backfill?.backfillId).toBe(backfillId);
  expect(world.metadata.commits.flatMap(({ receipts }) => receipts)).toHaveLength(1);
  const second = await client.createBackfill(wanted('2'));
  expect(second.backfill?.backfillId).not.toBe(backfillId);
  const change = (state: BackfillState) =>
    client.changeBackfill({ dagId: 'daily', backfillId, state, actor: 'ann' });
  const { PAUSED, CANCELLED } = BackfillState;
  await change(PAUSED);
  const commitsCount = world.metadata.commits.length;
  await change(PAUSED);
  expect(world.metadata.commits).toHaveLength(commitsCount);
  await change(CANCELLED);
  expect(await refusal(change(CANCELLED))).toBe('backfill_completed');
});

test('a run that a partition has is found by its key, and processed again when it is wanted', async () => {
  const cron = { expression: '0 0 * * *', keyFormat: '%Y-%m-%d' };
  const timetable = { kind: { case: 'cronPartition', value: cron } } as const;
  world.metadata.putDag(aDag('parts', [aTask('a')], { timetable, activeRunsMax: 1 }));
  const { client } = await world.start('s1');
  const dayMs = (Math.floor(world.clock.nowMs() / DAY_MS) - 3) * DAY_MS;
  const at = toTimestamp(dayMs);
  const partitionKey = new Date(dayMs).toISOString().slice(0, 10);
  const create = async (reprocessBehavior: ReprocessBehavior, dryRun = true) => {
    const backfill = { dagId: 'parts', fromDate: at, toDate: at, reprocessBehavior };
    const asked = { backfill, dryRun, actor: 'ann', requestId: `${reprocessBehavior} ${dryRun}` };
    const made = await client.createBackfill(asked);
    return made.backfill?.dates.map((date) => [date.partitionKey, date.action]);
  };
  const { NONE, FAILED } = ReprocessBehavior;
  const { CREATE, ALREADY_EXISTS, IN_FLIGHT, REPROCESS } = BackfillAction;
  expect(await create(NONE)).toEqual([[partitionKey, CREATE]]);
  const mine = { dagId: 'parts', runId: 'mine', actor: 'ann' };
  await client.triggerDagRun({ ...mine, requestId: 'mine', partitionKey });
  expect(await create(FAILED)).toEqual([[partitionKey, IN_FLIGHT]]);
  await client.cancelDagRun(mine);
  expect(await create(NONE)).toEqual([[partitionKey, ALREADY_EXISTS]]);
  expect(await create(FAILED, false)).toEqual([[partitionKey, REPROCESS]]);
  const written = () => world.metadata.commits.flatMap(({ changedRuns }) => changedRuns).at(-1);
  await expect.poll(() => written()?.runType).toBe(RunType.BACKFILL);
  const taken = { runId: 'mine', partitionKey, originalRunType: RunType.MANUAL };
  expect(written()).toMatchObject(taken);
});
