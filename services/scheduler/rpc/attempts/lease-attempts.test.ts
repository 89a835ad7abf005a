// LeaseAttempts from outside: work that somebody waits for, and who is told that it begins.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { lease, taskIdsOf, trigger } from '../../testing/executor.ts';
import { aDag, aTask } from '../../testing/specs.ts';
import { createWorld, type TestScheduler, timing, type World } from '../../testing/world.ts';

let world: World;
let scheduler: TestScheduler;

beforeEach(async () => {
  world = createWorld();
  const action = { case: 'handler', value: 'tell' } as const;
  const callbacks = [{ event: CallbackEvent.EXECUTE, action }];
  world.metadata.putDag(aDag('told', [aTask('work', [], { callbacks })]));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

test('the commit that gives work to who waits for it starts the callbacks of its beginning', async () => {
  const asked = lease(scheduler, 1, { waitMs: 20_000 });
  await trigger(scheduler, 'told');
  expect(taskIdsOf(await world.during(asked))).toEqual(['work']);
  const begun = world.metadata.commits.find(({ newAttempts }) => newAttempts.length > 0);
  expect(begun?.newRuns.map(({ runType }) => runType)).toEqual([RunType.CALLBACK]);
  scheduler.kill();
  const heir = await world.start('heir');
  const told = lease(heir, 9, { waitMs: 20_000 });
  expect(taskIdsOf(await world.during(told))).toEqual(['callback']);
});

test('who waited when its scheduler lost all it knew takes nothing from those who ask anew', async () => {
  const moved = partitionOf('told');
  const stays = Array.from({ length: 99 }, (_, index) => `stays${index}`).find(
    (id) => partitionOf(id) !== moved,
  );
  if (stays === undefined) throw new Error('every id has one partition');
  world.metadata.putDag(aDag(stays, [aTask('other')]));
  await world.clock.advance(100);
  const free = world.metadata.holdCommits();
  const lost = trigger(scheduler, 'told').catch(reasonOf);
  await world.clock.advance(100);
  const asked = lease(scheduler, 1, { waitMs: 60_000 }).catch(reasonOf);
  await world.clock.advance(100);
  world.metadata.takePartitions('somebody', [moved]);
  free();
  expect(await world.during(lost)).toBe('not_owner');
  expect(await world.during(asked)).toBe('not_owner');
  await world.clock.advance(timing.schedulerTtlMs);
  await trigger(scheduler, stays);
  expect(taskIdsOf(await lease(scheduler, 1))).toEqual(['other']);
});
