// Why a DAG has no runs, and which come next: what people are told.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { PartitionMapperKind } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { AssetDeliverySchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { createSimulation, type DagInit } from '../../simulator/simulation.ts';
import { receiveDeliveries } from '../asset/deliveries.ts';
import { pauseDag } from '../operation/pause.ts';
import { type DagExplanation, explainDag } from './dag.ts';
import { NEW_YEAR_MS } from '../../testing/picture-world.ts';

const HOUR_MS = 3_600_000;

const hourly = {
  kind: { case: 'cron' as const, value: { expression: '@hourly', timezone: 'Europe/Zurich' } },
};

const asset = (name: string) => ({ kind: { case: 'asset' as const, value: { name } } });
const bothOf = (...names: readonly string[]) => ({
  kind: { case: 'all' as const, value: { expressions: names.map((name) => asset(name)) } },
});

function simulate(spec: DagInit, startMs = NEW_YEAR_MS + HOUR_MS / 2) {
  return createSimulation([{ dagId: 'd', tasks: [{ taskId: 'a' }], ...spec }], { startMs });
}

function explain(simulation: ReturnType<typeof simulate>, count = 0): DagExplanation {
  return explainDag(simulation.dag('d'), simulation.nowMs(), count);
}

const kindsOf = ({ blockers }: DagExplanation) => blockers.map(({ kind }) => kind);

test('a DAG without schedule runs only when it is triggered', () => {
  const told = explain(simulate({}), 5);
  expect(told).toMatchObject({ schedule: 'only when triggered', timezone: 'UTC', nextRuns: [] });
  expect(told.blockers).toMatchObject([{ kind: 'no_schedule' }]);
});

test('the next run is due at an instant, and others after it', () => {
  const simulation = simulate({ timetable: hourly });
  const told = explain(simulation, 3);
  expect(told.schedule).toContain('Europe/Zurich');
  expect(told.timezone).toBe('Europe/Zurich');
  const dueMs = NEW_YEAR_MS + HOUR_MS;
  expect(told.nextRuns.map(({ runAfterMs }) => runAfterMs)).toEqual([
    ...[dueMs, dueMs + HOUR_MS, dueMs + 2 * HOUR_MS],
  ]);
  const [blocker] = told.blockers;
  expect(blocker).toMatchObject({ kind: 'run_after', untilMs: dueMs });
  expect(told.summary).toBe('DAG "d" has no new run: the next run is due at 2026-01-01T01:00:00Z');
});

test('pause and a missing file come first', () => {
  const simulation = simulate({ timetable: hourly });
  Object.assign(simulation.dag('d'), { isPaused: true, isActive: false });
  expect(kindsOf(explain(simulation)).slice(0, 2)).toEqual(['dag_inactive', 'dag_paused']);
});

test('a DAG all of whose runs are running is full', () => {
  const startDate = toTimestamp(NEW_YEAR_MS - 3 * HOUR_MS);
  const simulation = simulate({ timetable: hourly, startDate, catchup: true, activeRunsMax: 2 });
  const told = explain(simulation);
  expect(told.blockers[0]).toMatchObject({
    kind: 'active_runs_max',
    message: '2 of at most 2 runs are running',
  });
});

test('dates that are passed over without catchup are named', () => {
  const startDate = toTimestamp(NEW_YEAR_MS - 24 * HOUR_MS);
  const simulation = createSimulation(
    [{ dagId: 'd', tasks: [{ taskId: 'a' }], timetable: hourly, startDate }],
    { startMs: NEW_YEAR_MS, pausedDagIds: ['d'] },
  );
  const told = explain(simulation);
  expect(told.blockers.find(({ kind }) => kind === 'catchup')?.message).toContain(
    '2025-12-31T00:00:00Z',
  );
});

test('start and end dates are named', () => {
  const startMs = NEW_YEAR_MS + 5 * HOUR_MS;
  const early = simulate({ timetable: hourly, startDate: toTimestamp(startMs) });
  expect(explain(early).blockers[0]).toMatchObject({ kind: 'start_date', untilMs: startMs });
  const late = simulate({ timetable: hourly, endDate: toTimestamp(NEW_YEAR_MS - HOUR_MS) });
  expect(kindsOf(explain(late))).toEqual(['end_date']);
});

test('a DAG that is paused for long is told the run that it gets when it is unpaused', () => {
  const startDate = toTimestamp(NEW_YEAR_MS);
  const cron = { expression: '@hourly', keyFormat: '%H' };
  for (const timetable of [hourly, { kind: { case: 'cronPartition' as const, value: cron } }]) {
    const simulation = createSimulation(
      [{ dagId: 'd', tasks: [{ taskId: 'a', isEmpty: true }], timetable, startDate }],
      { startMs: NEW_YEAR_MS + HOUR_MS / 2, pausedDagIds: ['d'] },
    );
    simulation.advanceTo(NEW_YEAR_MS + 5.5 * HOUR_MS);
    const told = explain(simulation, 2);
    expect(told.nextRuns.map(({ runAfterMs }) => runAfterMs)).toEqual([
      ...[NEW_YEAR_MS + 5 * HOUR_MS, NEW_YEAR_MS + 6 * HOUR_MS],
    ]);
    expect(kindsOf(told)).toEqual(['dag_paused', 'catchup']);
    const [, missed] = told.blockers;
    expect(missed?.message).toContain('runs since 2026-01-01T00:00:00Z are not made up for');
    simulation.decide((deciding, moment) => {
      pauseDag(deciding, moment, simulation.dag('d'), { isPaused: false, actor: 'me' });
    });
    expect(simulation.runs().map(({ runAfterMs }) => runAfterMs)).toEqual([
      NEW_YEAR_MS + 5 * HOUR_MS,
    ]);
  }
});

test('an end date that has passed holds back no run of before', () => {
  const dates = {
    startDate: toTimestamp(NEW_YEAR_MS - 5 * HOUR_MS),
    endDate: toTimestamp(NEW_YEAR_MS - HOUR_MS),
  };
  const told = explain(simulate({ timetable: hourly, catchup: true, activeRunsMax: 1, ...dates }));
  expect(kindsOf(told)).toEqual(['active_runs_max']);
});

test('an end date to come is no reason why a schedule is over', () => {
  const endDate = toTimestamp(NEW_YEAR_MS + 9_000 * HOUR_MS);
  const told = explain(simulate({ timetable: { kind: { case: 'once', value: {} } }, endDate }));
  expect(told.blockers).toMatchObject([{ kind: 'no_schedule' }]);
});

test('catchup of intervals has nowhere to begin without a start date', () => {
  const value = { expression: '@hourly', dataInterval: true };
  const timetable = { kind: { case: 'cron' as const, value } };
  expect(explain(simulate({ timetable, catchup: true })).blockers).toMatchObject([
    {
      kind: 'start_date',
      message: 'with catchup its first run is that of its start_date, and it has none',
    },
  ]);
});

test('a schedule that is over asks for nothing more', () => {
  const simulation = simulate({ timetable: { kind: { case: 'once', value: {} } } });
  expect(explain(simulation, 5)).toMatchObject({
    blockers: [{ kind: 'no_schedule', message: 'its schedule asks for no further run' }],
    nextRuns: [],
  });
});

test('a schedule whose runs the DAG does not allow says which type is missing', () => {
  const simulation = simulate({ timetable: hourly, allowedRunTypes: [RunType.MANUAL] });
  expect(explain(simulation).blockers).toMatchObject([
    { kind: 'run_type_not_allowed', subject: 'scheduled' },
  ]);
});

test('assets that were not updated are named, with what makes them', () => {
  const timetable = { kind: { case: 'asset' as const, value: { condition: bothOf('x', 'y') } } };
  const simulation = simulate({ timetable });
  receive(simulation, 'e1', 'x');
  expect(explain(simulation).blockers).toMatchObject([
    {
      kind: 'asset',
      subject: 'y',
      message:
        'there is no update of asset "y" since the last run that assets started; there is of "x"',
    },
  ]);
});

test('of assets of which one is enough it is said', () => {
  const expressions = [asset('y'), asset('z')];
  const oneOf = { kind: { case: 'any' as const, value: { expressions } } };
  const condition = { kind: { case: 'all' as const, value: { expressions: [asset('x'), oneOf] } } };
  const { blockers } = explain(
    simulate({ timetable: { kind: { case: 'asset', value: { condition } } } }),
  );
  const ends = blockers.map(({ subject, message }) => [subject, message.split('; ')[1]]);
  expect(ends).toEqual([
    ['x', undefined],
    ['y', 'others would do instead'],
    ['z', 'others would do instead'],
  ]);
});

test('of partitions each that has begun names what it lacks', () => {
  const value = { condition: bothOf('x', 'y') };
  const simulation = simulate({ timetable: { kind: { case: 'partitionedAsset', value } } });
  expect(explain(simulation).blockers.map(({ subject }) => subject)).toEqual(['x', 'y']);
  receive(simulation, 'e1', 'x', 'de');
  receive(simulation, 'e2', 'y', 'ch');
  expect(explain(simulation).blockers.map(({ message }) => message)).toEqual([
    'there is no update of asset "y" for partition "de"; there is of "x"',
    'there is no update of asset "x" for partition "ch"; there is of "y"',
  ]);
});

test('updates whose partition nobody can tell are dropped, and told of', () => {
  const mapper = { kind: PartitionMapperKind.DAILY };
  const value = { condition: bothOf('x', 'y'), defaultMapper: mapper };
  const simulation = simulate({ timetable: { kind: { case: 'partitionedAsset', value } } });
  receive(simulation, 'e1', 'x', 'last tuesday');
  receive(simulation, 'e2', 'y');
  const dropped = explain(simulation).blockers.filter(({ kind }) => kind === 'asset_dropped');
  expect(dropped.map(({ subject }) => subject)).toEqual(['y', 'x']);
  expect(dropped[0]?.message).toContain('was dropped: it has no partition key (2 were dropped');
  expect(dropped[1]?.message).toMatch(/with partition key "last tuesday" of .* was dropped: .+/);
  expect(simulation.dag('d').deliveries.size).toBe(0);
});

test('of many partitions that lack something the first are named, and the rest is counted', () => {
  const value = { condition: bothOf('x', 'y') };
  const simulation = simulate({ timetable: { kind: { case: 'partitionedAsset', value } } });
  for (let at = 0; at < 23; at++) receive(simulation, `e${at}`, 'x', `k${at}`);
  const { blockers } = explain(simulation);
  expect(blockers).toHaveLength(21);
  expect(blockers.at(-1)?.message).toBe('of partitions, 3 more updates of assets are missing');
});

function receive(
  simulation: ReturnType<typeof simulate>,
  id: string,
  assetName: string,
  partitionKey = '',
): void {
  const event = create(AssetEventSchema, { id, assetName, partitionKey });
  const delivery = create(AssetDeliverySchema, { dagId: 'd', event });
  simulation.decide((deciding, moment) => receiveDeliveries(deciding, moment, [delivery]));
}
