// Schedules: due runs are made in order, as many as there is room for.
import { expect, test } from 'vitest';
import { createDueRuns, reschedule } from './schedule.ts';
import { keepAgenda } from './sweep.ts';
import { aWorld, NEW_YEAR_MS } from './testing.ts';

const HOUR_MS = 3_600_000;

function hourly(more: { readonly isEmpty?: boolean; readonly catchup?: boolean } = {}) {
  return {
    catchup: more.catchup ?? true,
    activeRunsMax: 2,
    startDate: { seconds: BigInt(NEW_YEAR_MS / 1000), nanos: 0 },
    timetable: { kind: { case: 'cron' as const, value: { expression: '0 * * * *' } } },
    tasks: [{ taskId: 'a', isEmpty: more.isEmpty ?? false }],
  };
}

test('catch-up makes the oldest runs first, and no more than may be active', () => {
  const world = aWorld(hourly());
  world.nowMs += 10 * HOUR_MS;
  world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
  const dates = [...world.dag.runs.values()].map(({ logicalDateMs = 0 }) => logicalDateMs);
  expect(dates).toHaveLength(2);
  expect(dates).toEqual([...dates].sort((a, b) => a - b));
  expect(world.dag.scheduledCount).toBe(2);
});

test('ten thousand missed runs that end at once are made without nesting', () => {
  const world = aWorld(hourly({ isEmpty: true }));
  world.nowMs += 10_000 * HOUR_MS;
  world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
  const isBehind = () => (world.dag.cursor.next?.runAfterMs ?? 0) <= world.nowMs;
  for (let turn = 0; isBehind() && turn < 200; turn += 1) {
    world.decide((deciding, moment) => keepAgenda(deciding, moment, 10));
    world.commit();
  }
  expect(isBehind()).toBe(false);
  expect(world.dag.scheduledCount).toBe(0);
});

test('the next run stands on the agenda once, however many runs end before it', () => {
  const world = aWorld(hourly());
  for (let at = 0; at < 50; at += 1) {
    world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
    world.decide((deciding, moment) => createDueRuns(deciding, moment, world.dag));
  }
  expect(world.picture.agenda.items.members).toHaveLength(1);
});
