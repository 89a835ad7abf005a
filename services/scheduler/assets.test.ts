// DAGs that are scheduled by assets, from outside: every update counts once, whatever crashes.
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AssetDeliverySchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { PAGE_SIZE } from './testing/fake-deliveries.ts';
import { lease, report, trigger } from './testing/executor.ts';
import { aDag, aTask } from './testing/specs.ts';
import { createWorld, type TestScheduler, type World } from './testing/world.ts';

let world: World;
let scheduler: TestScheduler;

const asset = (name: string) => ({ kind: { case: 'asset' as const, value: { name } } });

/** A DAG that runs when all of these assets were updated. */
function consumer(dagId: string, ...names: readonly string[]) {
  const condition = {
    kind: { case: 'all' as const, value: { expressions: names.map((name) => asset(name)) } },
  };
  return aDag(dagId, [aTask('read')], {
    timetable: { kind: { case: 'asset', value: { condition } } },
  });
}

function update(id: string, assetName: string): void {
  world.metadata.deliveries.put(create(AssetEventSchema, { id, assetName, assetUri: assetName }));
}

/** The events of each run that assets started, as they are committed. */
function startedBy(dagId: string): string[][] {
  const taken = world.metadata.commits.flatMap((commit) => commit.consumedDeliveries);
  return [...world.metadata.tables.runs.values()]
    .filter((run) => run.dagId === dagId && run.runType === RunType.ASSET_TRIGGERED)
    .map(({ id }) =>
      taken.filter(({ dagRunId }) => dagRunId === id).flatMap(({ eventIds }) => eventIds),
    );
}

/** DAG ids of one partition. */
function sharing(dagId: string): readonly string[] {
  for (let at = 0; ; at++) {
    if (partitionOf(`quick-${at}`) === partitionOf(dagId)) return [dagId, `quick-${at}`];
  }
}

beforeEach(async () => {
  world = createWorld();
  world.metadata.putDag(consumer('daily', 'a', 'b'));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

test('a task that updates an asset starts the DAG that awaits it', async () => {
  const outlets = ['a', 'b'].map((name) => asset(name));
  world.metadata.putDag(aDag('producer', [aTask('make', [], { outlets })]));
  await world.clock.advance(100);
  await trigger(scheduler, 'producer');
  const [leased] = await lease(scheduler, 1);
  if (leased === undefined) throw new Error('no lease');
  await report(scheduler, leased);
  await world.clock.advance(100);
  expect(startedBy('daily')).toHaveLength(1);
  const [read] = await lease(scheduler, 1);
  expect(read?.lease?.dagId).toBe('daily');
  expect(world.metadata.deliveries.rows.size).toBe(0);
});

test('an update from before a crash counts with one from after it', async () => {
  update('e1', 'a');
  await world.clock.advance(100);
  scheduler.kill();
  await world.clock.advance(2_000);
  update('e2', 'b');
  await world.start('heir');
  await world.clock.advance(2_000);
  expect(startedBy('daily')).toEqual([['e1', 'e2']]);
  expect(world.metadata.deliveries.rows.size).toBe(0);
});

test('a crash after the commit that took updates starts nothing twice', async () => {
  let isLost = false;
  Object.assign(world.metadata.faults, { isAnswerLost: () => isLost });
  isLost = true;
  update('e1', 'a');
  update('e2', 'b');
  await world.clock.advance(500);
  scheduler.kill();
  isLost = false;
  await world.start('heir');
  await world.clock.advance(5_000);
  expect(startedBy('daily')).toEqual([['e1', 'e2']]);
});

test('a crash before the commit that would have taken updates loses none', async () => {
  let isAway = true;
  Object.assign(world.metadata.faults, { isUnreachable: () => isAway });
  update('e1', 'a');
  update('e2', 'b');
  await world.clock.advance(500);
  expect(startedBy('daily')).toEqual([]);
  scheduler.kill();
  isAway = false;
  await world.start('heir');
  await world.clock.advance(5_000);
  expect(startedBy('daily')).toEqual([['e1', 'e2']]);
});

test('a reading that brings what was taken meanwhile starts nothing twice', async () => {
  update('e1', 'a');
  await world.clock.advance(100);
  const answer = world.metadata.deliveries.hold();
  update('e2', 'a');
  await world.clock.advance(100);
  // The reading is under way with both; a version that awaits nothing else takes the first.
  world.metadata.putDag(consumer('daily', 'a'));
  await world.clock.advance(1_000);
  expect(startedBy('daily')).toEqual([['e1']]);
  answer();
  await world.clock.advance(1_000);
  expect(startedBy('daily')).toEqual([['e1'], ['e2']]);
});

test('what awaits a DAG when it is paused starts its run when it is unpaused', async () => {
  update('e1', 'a');
  await world.clock.advance(100);
  await scheduler.client.setDagPaused({ dagId: 'daily', isPaused: true, actor: 'me' });
  update('unheard', 'b');
  await world.clock.advance(100);
  await scheduler.client.setDagPaused({ dagId: 'daily', isPaused: false, actor: 'me' });
  expect(startedBy('daily')).toEqual([]);
  update('e2', 'b');
  await world.clock.advance(100);
  expect(startedBy('daily')).toEqual([['e1', 'e2']]);
});

test('a takeover reads what awaits its DAGs page by page, and each update starts one run', async () => {
  const count = 2 * PAGE_SIZE + 1;
  update('first', 'a');
  await world.clock.advance(100);
  scheduler.kill();
  for (let at = 0; at < count; at++) update(`more-${at}`, 'a');
  update('last', 'b');
  await world.start('heir');
  await world.clock.advance(5_000);
  const [events = [], ...more] = startedBy('daily');
  expect(events).toHaveLength(count + 2);
  expect(more).toEqual([]);
  expect(world.metadata.deliveries.rows.size).toBe(0);
});

test('a DAG that is stored a moment before an update gets it', async () => {
  world.metadata.breakWatches();
  world.metadata.putDag(consumer('late', 'c'));
  update('e1', 'c');
  await world.clock.advance(1_000);
  expect(startedBy('late')).toEqual([['e1']]);
});

test('updates of an asset that a new version does not name are dropped', async () => {
  update('e1', 'a');
  await world.clock.advance(100);
  world.metadata.putDag(consumer('daily', 'b', 'c'));
  await world.clock.advance(100);
  expect(world.metadata.deliveries.rows.size).toBe(0);
  world.metadata.putDag(consumer('daily', 'a', 'b'));
  await world.clock.advance(100);
  update('e2', 'b');
  await world.clock.advance(100);
  expect(startedBy('daily')).toEqual([]);
});

test('what no run can take yet hides nothing that came after it', async () => {
  // All of one partition, so that they are read together.
  const [stuck = '', quick = ''] = sharing('stuck');
  world.metadata.putDag(consumer(stuck, 'often', 'never'));
  world.metadata.putDag(consumer(quick, 'c'));
  await world.clock.advance(100);
  for (let at = 0; at < 3 * PAGE_SIZE; at++) update(`old-${at}`, 'often');
  update('new', 'c');
  await world.clock.advance(5_000);
  expect(startedBy(quick)).toEqual([['new']]);
  expect(world.metadata.deliveries.rows.size).toBe(3 * PAGE_SIZE);
});

test('what awaits a DAG that cannot be read hides nothing either', async () => {
  const [broken = '', quick = ''] = sharing('broken');
  world.metadata.putDag(consumer(quick, 'c'));
  for (let at = 0; at < 2 * PAGE_SIZE; at++) {
    const event = create(AssetEventSchema, { id: `old-${at}`, assetName: 'x' });
    const delivery = create(AssetDeliverySchema, { dagId: broken, event });
    world.metadata.deliveries.rows.set(`${broken} old-${at}`, delivery);
  }
  update('new', 'c');
  await world.clock.advance(5_000);
  expect(startedBy(quick)).toEqual([['new']]);
});

test('while it is explained, a DAG names the assets that are missing', async () => {
  update('e1', 'a');
  await world.clock.advance(100);
  const { blockers, summary } = await scheduler.client.explainDag({ dagId: 'daily', nextRuns: 3 });
  expect(blockers).toMatchObject([{ kind: 'asset', subject: 'b' }]);
  expect(summary).toContain('no update of asset "b"');
});
