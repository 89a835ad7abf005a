// SLAs, from outside: a takeover forgets none of a run that was over before.
import { expect, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
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

test('an SLA is missed by a task that failed in a run that succeeded before a takeover', async () => {
  const world = createWorld();
  const sla = toDuration(SLA_MS);
  const end = aTask('end', ['a', 'b'], { triggerRule: TriggerRule.ALL_DONE });
  world.metadata.putDag(
    aDag('d', [aTask('a', [], { sla }), aTask('b', ['a'], { sla: toDuration(2 * SLA_MS) }), end]),
  );
  const first = await world.start('s1');
  const beganMs = world.clock.nowMs();
  const runId = await trigger(first, 'd');
  for (const leased of await lease(first, 1)) await report(first, leased, AttemptEnd.FAILED);
  for (const leased of await lease(first, 1)) await report(first, leased);
  await world.clock.advance(1_000);
  expect(statesOf(world.metadata, runId)).toEqual({
    ...{ a: 'FAILED', b: 'UPSTREAM_FAILED', end: 'SUCCESS' },
  });
  first.kill();
  const missed = () =>
    world.metadata.commits.flatMap(({ slaMisses }) => slaMisses.map(({ taskId }) => taskId));
  // The first falls due while nobody looks.
  await world.clock.advance(beganMs + SLA_MS + 1_000 - world.clock.nowMs());
  await world.start('heir');
  await world.clock.advance(1_000);
  expect(missed()).toEqual(['a']);
  await world.clock.advance(beganMs + 2 * SLA_MS - 1 - world.clock.nowMs());
  expect(missed()).toEqual(['a']);
  await world.clock.advance(1_000);
  expect(missed()).toEqual(['a', 'b']);
  await world.end();
});
