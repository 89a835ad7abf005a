// Asset events on their way to runs: each counts once, and what waits is bounded.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AssetDeliverySchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { createSimulation, type DagInit, type Simulation } from '../../simulator/simulation.ts';
import { followRefused } from '../deciding.ts';
import { setGate } from '../dag.ts';
import { reschedule } from '../schedule/schedule.ts';
import { aWorld, NEW_YEAR_MS, type World } from '../../testing/picture-world.ts';
import { receiveDeliveries } from './deliveries.ts';
import { forgetTaken } from './take-events.ts';

const asset = (name: string) => ({ kind: { case: 'asset' as const, value: { name } } });

/** A schedule that awaits all of these assets. */
function awaiting(...names: readonly string[]) {
  const expressions = names.map((name) => asset(name));
  const condition = { kind: { case: 'all' as const, value: { expressions } } };
  return { kind: { case: 'asset' as const, value: { condition } } };
}

const consumer = (...names: readonly string[]): DagInit => ({
  dagId: 'd',
  timetable: awaiting(...names),
  tasks: [{ taskId: 'a' }],
});

function deliveryOf(id: string, assetName: string) {
  const event = create(AssetEventSchema, { id, assetName, assetUri: assetName });
  return create(AssetDeliverySchema, { dagId: 'd', event });
}

function receive(world: Pick<World | Simulation, 'decide'>, ...events: [string, string][]): void {
  const deliveries = events.map(([id, name]) => deliveryOf(id, name));
  world.decide((deciding, moment) => receiveDeliveries(deciding, moment, deliveries));
}

test('a run carries the events, and its commit takes them', () => {
  const world = aWorld(consumer('x', 'y'));
  receive(world, ['e1', 'x'], ['e2', 'y']);
  const [run] = world.dag.runs.values();
  expect(run).toMatchObject({
    ...{ runType: RunType.ASSET_TRIGGERED, triggeredBy: 'asset', runAfterMs: NEW_YEAR_MS },
    ...{ logicalDateMs: undefined, intervalStartMs: undefined, intervalEndMs: undefined },
  });
  expect(run?.runId).toMatch(/^asset_triggered__2026-01-01T00:00:00\+00:00_/);
  expect(run?.events.map(({ id }) => id)).toEqual(['e1', 'e2']);
  const [consumed] = world.open().consumed.keys();
  expect(consumed).toMatchObject({ dagId: 'd', dagRunId: run?.id, eventIds: ['e1', 'e2'] });
});

test('events that were taken do not come back before their commit is answered', () => {
  const world = aWorld(consumer('x'));
  receive(world, ['e1', 'x']);
  const changes = world.open();
  const answer = world.seal();
  receive(world, ['e1', 'x']);
  answer();
  receive(world, ['e1', 'x']);
  expect(world.dag.runs.size).toBe(1);
  forgetTaken(world.picture, changes);
  expect(world.dag.takenEvents.size).toBe(0);
});

test('events of a run that the ledger refused start another one', () => {
  const world = aWorld(consumer('x'));
  receive(world, ['e1', 'x']);
  const [refused] = world.dag.runs.values();
  const changes = world.open();
  world.seal()({ runs: [refused?.id ?? ''] });
  world.decide((deciding, moment) => followRefused(deciding, moment, changes));
  forgetTaken(world.picture, changes);
  const [run] = world.dag.runs.values();
  expect(run).not.toBe(refused);
  expect(run?.events.map(({ id }) => id)).toEqual(['e1']);
  expect([...world.dag.takenEvents]).toEqual(['e1']);
});

test('a paused DAG takes nothing; what awaits it stays', () => {
  const world = aWorld(consumer('x'));
  setGate(world.dag, true);
  receive(world, ['e1', 'x']);
  expect(world.dag.runs.size).toBe(0);
  setGate(world.dag, false);
  world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
  expect(world.dag.runs.size).toBe(1);
});

test('an inactive DAG takes nothing', () => {
  const world = aWorld(consumer('x'));
  world.dag.isActive = false;
  receive(world, ['e1', 'x']);
  expect([...world.dag.deliveries.keys()]).toEqual(['e1']);
  expect(world.dag.runs.size).toBe(0);
});

test('a DAG that does not allow asset-triggered runs has none', () => {
  const world = aWorld({ ...consumer('x'), allowedRunTypes: [RunType.MANUAL] });
  receive(world, ['e1', 'x']);
  expect(world.dag.runs.size).toBe(0);
});

test('of an asset that is updated all the time the latest events are kept, of others all', () => {
  const world = aWorld(consumer('often', 'once', 'never'));
  receive(world, ['first', 'once']);
  const flood = Array.from({ length: 3_000 }, (_, at): [string, string] => [`e${at}`, 'often']);
  receive(world, ...flood);
  const kept = [...world.dag.deliveries.keys()];
  expect(kept).toHaveLength(2_000);
  expect(kept[0]).toBe('first');
  expect(kept.at(-1)).toBe('e2999');
  const dropped = [...world.open().consumed.keys()].flatMap(({ eventIds }) => eventIds);
  expect(dropped).toHaveLength(1_001);
  receive(world, ['one more', 'often']);
  const details = { asset: 'often', count: '1001', reason: 'more than 2000 await the DAG' };
  const [audit, ...more] = world.open().audits;
  expect(audit).toMatchObject({ actor: 'scheduler', action: 'drop_asset_events', details });
  expect(more).toEqual([]);
});

test('in a simulation a task that updates an asset starts those who await it', () => {
  const producer: DagInit = {
    dagId: 'producer',
    assets: [{ name: 'x', uri: 's3://lake/x' }],
    tasks: [{ taskId: 'make', outlets: [{ kind: { case: 'asset', value: { name: 'x' } } }] }],
  };
  const byUri = { kind: { case: 'asset' as const, value: { uri: 's3://lake/x' } } };
  const timetable = { kind: { case: 'asset' as const, value: { condition: byUri } } };
  const simulation = createSimulation(
    [producer, consumer('x'), { dagId: 'by-uri', timetable, tasks: [{ taskId: 'a' }] }],
    { startMs: NEW_YEAR_MS },
  );
  simulation.trigger('producer');
  const [attempt] = simulation.lease(1);
  if (attempt === undefined) throw new Error('no lease');
  simulation.report(attempt, { end: AttemptEnd.SUCCESS });
  const started = simulation.runs().filter((run) => run.runType === RunType.ASSET_TRIGGERED);
  expect(started.map(({ dag }) => dag.dagId)).toEqual(['d', 'by-uri']);
  expect(started[0]?.events).toMatchObject([{ sourceDagId: 'producer', assetUri: 's3://lake/x' }]);
});
