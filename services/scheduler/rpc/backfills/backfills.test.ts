// Backfills from outside: what is asked for twice is done once, and several go on at once.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
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
