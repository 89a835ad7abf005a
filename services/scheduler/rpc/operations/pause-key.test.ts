// PauseKey from outside: what names a key is held back until an instant, by whoever owns the DAG.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { lease, report, taskIdsOf, trigger } from '../../testing/executor.ts';
import { aDag, aTask } from '../../testing/specs.ts';
import { createWorld, type TestScheduler, type World } from '../../testing/world.ts';

let world: World;
let scheduler: TestScheduler;

beforeEach(async () => {
  world = createWorld();
  const tasks = [aTask('calls', [], { limitKeys: ['api'] }), aTask('other')];
  const keyLimits = [{ key: 'api', rateCount: 1, ratePeriod: toDuration(12_000) }];
  world.metadata.putDag(aDag('keyed', tasks, { keyLimits }));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

const pause = async (by: TestScheduler, untilMs: number | undefined, key = 'api') =>
  by.client.pauseKey({
    ...{ dagId: 'keyed', key, actor: 'ann' },
    ...(untilMs === undefined ? {} : { until: toTimestamp(untilMs) }),
  });

const explainCall = (by: TestScheduler, runId: string) =>
  by.client.explain({ dagId: 'keyed', runId, taskId: 'calls' });

test('nothing that names the key begins before the pause is over, then it does at once', async () => {
  await world.clock.advance(60_000);
  await trigger(scheduler, 'keyed');
  const untilMs = world.clock.nowMs() + 8_000;
  await pause(scheduler, untilMs);
  expect(taskIdsOf(await lease(scheduler, 9))).toEqual(['other']);
  const asked = lease(scheduler, 9, { waitMs: 20_000 });
  expect(taskIdsOf(await world.during(asked))).toEqual(['calls']);
  expect(world.clock.nowMs() - untilMs).toBeGreaterThanOrEqual(0);
  expect(world.clock.nowMs() - untilMs).toBeLessThan(1_000);
});

test('a pause survives its scheduler, and can be ended early', async () => {
  const untilMs = world.clock.nowMs() + 3_600_000;
  await pause(scheduler, untilMs);
  const runId = await trigger(scheduler, 'keyed');
  scheduler.kill();
  const heir = await world.start('heir');
  await world.clock.advance(60_000);
  const [blocker] = (await explainCall(heir, runId)).blockers;
  expect(blocker).toMatchObject({ kind: 'key_paused', until: toTimestamp(untilMs) });
  expect(taskIdsOf(await lease(heir, 9))).toEqual(['other']);
  await pause(heir, undefined);
  expect(taskIdsOf(await lease(heir, 9))).toEqual(['calls']);
  expect(world.metadata.tables.keyPauses.size).toBe(0);
  const audits = world.metadata.tables.audits.filter(({ actor }) => actor === 'ann');
  expect(audits.map(({ action }) => action)).toEqual(['pause_key', 'unpause_key']);
});

test('a rate holds across schedulers: the heir counts what it cannot have seen', async () => {
  await world.clock.advance(60_000);
  await trigger(scheduler, 'keyed');
  for (const leased of await lease(scheduler, 9)) await report(scheduler, leased);
  const beganMs = world.clock.nowMs();
  scheduler.kill();
  await world.clock.advance(3_000);
  const heir = await world.start('heir');
  const runId = await trigger(heir, 'keyed');
  expect(taskIdsOf(await lease(heir, 9))).toEqual(['other']);
  const [blocker] = (await explainCall(heir, runId)).blockers;
  expect(blocker).toMatchObject({ kind: 'key_rate', subject: 'api' });
  const asked = lease(heir, 9, { waitMs: 20_000 });
  expect(taskIdsOf(await world.during(asked))).toEqual(['calls']);
  expect(world.clock.nowMs() - beganMs).toBeGreaterThanOrEqual(12_000);
});

test('a key or a DAG that there is not is named in the refusal', async () => {
  const noKey = await pause(scheduler, undefined, 'nope').catch((error: unknown) => error);
  expect(reasonOf(noKey)).toBe('key_not_found');
  expect(String(noKey)).toContain('DAG "keyed" has no limit key "nope"; it has api');
  const asked = { dagId: 'nowhere', key: 'api', actor: 'ann' };
  const noDag = await scheduler.client.pauseKey(asked).catch((error: unknown) => error);
  expect(reasonOf(noDag)).toBe('dag_not_found');
});
