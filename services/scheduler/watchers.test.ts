// Watchers of assets, from outside: each event is one update, whoever waits, fails or takes over.
import { createHash } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { fromTimestamp, toDuration } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { aDag, aTask } from './testing/specs.ts';
import { attend, type TestTriggerer } from './testing/triggerer.ts';
import { createWorld, type TestScheduler, timing, type World } from './testing/world.ts';

let world: World;
let scheduler: TestScheduler;
let triggerer: TestTriggerer;

type Trigger = MessageInitShape<typeof TriggerSpecSchema>;
const fileAt = (path: string): Trigger => ({ kind: { case: 'file', value: { path } } });
const watching = (dagId: string, trigger: Trigger, name = 'drop') =>
  aDag(dagId, [aTask('t1')], { assets: [{ name: 'prices', watchers: [{ name, trigger }] }] });
const seen = () => world.metadata.watchers.events;
const pathOf = ({ trigger }: TestTriggerer['held'][number]) =>
  trigger?.kind.case === 'file' ? trigger.kind.value.path : '';

/** The one wait that the triggerer holds. */
function theWait(of = triggerer) {
  const [wait, ...more] = of.held;
  if (wait === undefined || more.length > 0) throw new Error(`${of.held.length} waits are held`);
  return wait;
}

beforeEach(async () => {
  world = createWorld();
  world.metadata.putDag(watching('watch', fileAt('/in/*.csv')));
  scheduler = await world.start('s1');
  triggerer = attend(world, scheduler);
  await triggerer.pass(2_000);
});
afterEach(async () => {
  await triggerer.leave();
  await world.end();
});

describe('an event', () => {
  const eventJson = '{"paths":["/in/a.csv"]}';

  test('is an update of the asset, and the next round begins from there', async () => {
    const first = theWait();
    expect(first).toMatchObject({ dagId: 'watch', runId: '', taskId: 'watcher:drop' });
    expect(first.knownEventSha256).toHaveLength(0);
    await triggerer.report({ waitId: first.waitId, eventJson });
    const nowMs = world.clock.nowMs();
    expect(seen()).toMatchObject([
      { assetName: 'prices', extraJson: eventJson, actor: 'watcher:drop', sourceMapIndex: -1 },
    ]);
    await triggerer.pass(4_000);
    expect(triggerer.held).toEqual([]);
    await triggerer.pass(2_000);
    const second = theWait();
    expect(second.waitId).not.toBe(first.waitId);
    expect(fromTimestamp(second.since)).toBe(nowMs);
    const digest = createHash('sha256').update(eventJson).digest();
    expect(Buffer.from(second.knownEventSha256)).toEqual(digest);
  });

  test('that is told again, because the answer was lost, is one update', async () => {
    const { waitId } = theWait();
    world.metadata.watchers.losesAnswers = true;
    expect(await triggerer.report({ waitId, eventJson }).catch(reasonOf)).toBe('unreachable');
    world.metadata.watchers.losesAnswers = false;
    expect(await triggerer.report({ waitId, eventJson })).toEqual([]);
    expect(await triggerer.report({ waitId, eventJson })).toEqual([waitId]);
    expect(seen()).toHaveLength(1);
  });

  test('that is no object becomes the event of one', async () => {
    await triggerer.report({ waitId: theWait().waitId, eventJson: '[1]' });
    expect(seen().map((event) => event.extraJson)).toEqual(['{"event":[1]}']);
  });

  test('of another asset counts up to the latest update that was told', async () => {
    world.metadata.putDag(
      watching('watch', {
        kind: {
          case: 'asset',
          value: { assetName: 'orders', pollInterval: toDuration(100) },
        },
      }),
    );
    await triggerer.pass(2_000);
    const timestamps = ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:01.500Z'];
    const event = { asset_events: timestamps.map((timestamp) => ({ timestamp })) };
    await triggerer.report({ waitId: theWait().waitId, eventJson: JSON.stringify(event) });
    await triggerer.pass(2_000);
    expect(fromTimestamp(theWait().since)).toBe(Date.parse('2026-01-01T00:00:01.500Z'));
  });

  test('of another asset goes on behind its cursor, also with the next owner', async () => {
    const poll = { assetName: 'orders', pollInterval: toDuration(100) };
    world.metadata.putDag(watching('watch', { kind: { case: 'asset', value: poll } }));
    await triggerer.pass(2_000);
    expect(theWait().assetCursor).toBe('');
    const eventJson = '{"asset_events":[]}';
    await triggerer.report({ waitId: theWait().waitId, eventJson, assetCursor: '7:9:8' });
    await triggerer.pass(2_000);
    expect(theWait().assetCursor).toBe('7:9:8');
    scheduler.kill();
    await triggerer.leave();
    triggerer = attend(world, await world.start('s2'));
    await triggerer.pass(5_000);
    expect(theWait().assetCursor).toBe('7:9:8');
  });

  test('that was seen untrue may be told again by the next triggerer', async () => {
    await triggerer.report({ waitId: theWait().waitId, eventJson });
    await triggerer.pass(6_000);
    const { knownEventSha256, since, waitId } = theWait();
    expect(knownEventSha256).toHaveLength(32);
    await triggerer.seeUntrue(waitId);
    await triggerer.leave();
    triggerer = attend(world, scheduler, 't2');
    await triggerer.pass(1_000);
    expect(theWait()).toMatchObject({ waitId, since, knownEventSha256: new Uint8Array() });
  });
});

describe('a failure', () => {
  test('is no update, and the watcher is begun again later and later, within minutes', async () => {
    const first = theWait();
    const restsS: number[] = [];
    for (let failure = 0; failure < 12; failure += 1) {
      await triggerer.report({ waitId: theWait().waitId, error: 'no such folder' });
      expect(triggerer.held).toEqual([]);
      const restMaxS = failure === 0 ? 2 : 451;
      let restedS = 0;
      for (; triggerer.held.length === 0 && restedS < restMaxS; restedS++) {
        await triggerer.pass(1_000);
      }
      restsS.push(restedS);
    }
    expect(Math.max(...restsS)).toBeGreaterThan(10 * (restsS[0] ?? 0));
    expect(seen()).toEqual([]);
    expect(triggerer.given).toHaveLength(13);
    expect(theWait().since).toEqual(first.since);
  });

  test('of the ledger leaves the event with the triggerer', async () => {
    const { waitId } = theWait();
    world.metadata.watchers.failure = 'database_unavailable';
    const refused = triggerer.report({ waitId, eventJson: '{}' }).catch(reasonOf);
    expect(await refused).toBe('database_unavailable');
    world.metadata.watchers.failure = undefined;
    await triggerer.report({ waitId, eventJson: '{}' });
    expect(seen()).toHaveLength(1);
  });
});

describe('a watcher', () => {
  test('is run once for all DAGs that define it, and as its new version has it', async () => {
    world.metadata.putDag(watching('other', fileAt('/in/*.csv'), 'mail'));
    await triggerer.pass(2_000);
    expect(triggerer.given).toHaveLength(2);
    world.metadata.putDag(watching('watch', fileAt('/new/*.csv')));
    await triggerer.pass(2_000);
    expect(triggerer.held.map(pathOf)).toEqual(['/in/*.csv', '/new/*.csv']);
  });

  test('stops while its DAG is paused, and with it', async () => {
    await scheduler.client.setDagPaused({ dagId: 'watch', isPaused: true, actor: 'ada' });
    await triggerer.pass(2_000);
    expect(triggerer.held).toEqual([]);
    await scheduler.client.setDagPaused({ dagId: 'watch', isPaused: false, actor: 'ada' });
    await triggerer.pass(2_000);
    theWait();
    world.metadata.putDag(aDag('watch', [aTask('t1')]));
    await triggerer.pass(2_000);
    expect(triggerer.held).toEqual([]);
  });

  test('goes on with another triggerer when its own is gone', async () => {
    const { waitId } = theWait();
    const other = attend(world, scheduler, 't2');
    await world.clock.advance(100);
    await triggerer.leave();
    await other.pass(1_000);
    expect(theWait(other).waitId).toBe(waitId);
    await other.report({ waitId, eventJson: '{}' });
    expect(seen()).toHaveLength(1);
    await other.leave();
  });
});

describe('a takeover', () => {
  test('goes on from the last update', async () => {
    const eventJson = '{"paths":["/in/a.csv"]}';
    await triggerer.report({ waitId: theWait().waitId, eventJson });
    const nowMs = world.clock.nowMs();
    scheduler.kill();
    await triggerer.leave();
    const heir = await world.start('s2');
    triggerer = attend(world, heir);
    await triggerer.pass(5_000);
    const wait = theWait();
    expect(fromTimestamp(wait.since)).toBe(nowMs);
    const digest = createHash('sha256').update(eventJson).digest();
    expect(Buffer.from(wait.knownEventSha256)).toEqual(digest);
  });

  test('ends what the last owner watches, and nothing that it saw is recorded', async () => {
    const { waitId } = theWait();
    world.metadata.takePartitions('somebody', [partitionOf('prices')]);
    await triggerer.report({ waitId, eventJson: '{}' });
    expect(seen()).toEqual([]);
    await triggerer.pass(timing.schedulerTtlMs + 20_000);
    expect(triggerer.held).toEqual([]);
    expect(triggerer.given.length).toBeLessThanOrEqual(2);
  });
});
