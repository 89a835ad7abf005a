// SLAs, from outside: a takeover forgets none of a run that has failed before.
import { expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { lease, report, statesOf, trigger } from './testing/executor.ts';
import { aDag, aTask } from './testing/specs.ts';
import { createWorld } from './testing/world.ts';

const SLA_MS = 60_000;

test('an SLA that falls due after a takeover is missed by a run that failed before it', async () => {
  const world = createWorld();
  const sla = toDuration(SLA_MS);
  world.metadata.putDag(
    aDag(
      'd',
      ['a', 'b', 'c'].map((id) => aTask(id, [], { sla })),
    ),
  );
  const first = await world.start('s1');
  const dueMs = world.clock.nowMs() + SLA_MS;
  const runId = await trigger(first, 'd');
  for (const leased of await lease(first, 3)) {
    const isGood = leased.lease?.taskId === 'b';
    await report(first, leased, isGood ? AttemptEnd.SUCCESS : AttemptEnd.FAILED);
  }
  await world.clock.advance(1_000);
  expect(statesOf(world.metadata, runId)).toEqual({ a: 'FAILED', b: 'SUCCESS', c: 'FAILED' });
  first.kill();
  await world.start('heir');
  const missed = () =>
    world.metadata.commits.flatMap(({ slaMisses }) => slaMisses.map(({ taskId }) => taskId));
  await world.clock.advance(dueMs - world.clock.nowMs() - 1);
  expect(missed()).toEqual([]);
  await world.clock.advance(1_000);
  expect(missed()).toEqual(['a', 'c']);
  await world.end();
});
