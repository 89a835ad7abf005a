// What a backfill does with each of its dates, and which it refuses.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { DagRunSchema, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  BackfillAction,
  BackfillSchema,
  ReprocessBehavior,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { planBackfill } from '../../services/scheduler/core/operation/plan-backfill.ts';
import { DagRunState } from '../../services/scheduler/core/state.ts';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';
import { specOf } from './play/spec.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  readonly reprocess: 'none' | 'failed' | 'completed';
  /** State of the run of the second date; null when there is none. */
  readonly existing: 'queued' | 'running' | 'success' | 'failed' | null;
  readonly is_reverse: boolean;
  readonly depends_on_past: boolean;
  /** Default: days with an interval; `partitions` are days with a key and no date. */
  readonly schedule?: 'days' | 'partitions' | 'none' | 'once' | 'continuous' | 'asset';
  /** What the DAG allows; default: all types. */
  readonly allowed_run_types?: readonly ('scheduled' | 'manual' | 'backfill')[];
  /** Default: three days, all of them over. */
  readonly from?: string;
  readonly to?: string;
  /** What is done, earliest date first. */
  readonly actions: readonly string[];
  readonly refused: boolean;
};

const NOW_MS = Date.UTC(2026, 0, 10);
const FROM = '2026-01-03T00:00:00Z';
const SECOND = '2026-01-04T00:00:00Z';
const TO = '2026-01-05T00:00:00Z';

const ORDERS = { kind: { case: 'asset', value: { name: 'orders', uri: 'orders' } } } as const;
const REPROCESS = {
  none: ReprocessBehavior.NONE,
  failed: ReprocessBehavior.FAILED,
  completed: ReprocessBehavior.COMPLETED,
} as const;
const STATES = {
  queued: DagRunState.QUEUED,
  running: DagRunState.RUNNING,
  success: DagRunState.SUCCESS,
  failed: DagRunState.FAILED,
} as const;

const SCHEDULES = {
  days: { kind: { case: 'cron', value: { expression: '@daily', dataInterval: true } } },
  partitions: {
    kind: { case: 'cronPartition', value: { expression: '@daily', keyFormat: '%Y-%m-%d' } },
  },
  none: undefined,
  once: { kind: { case: 'once', value: {} } },
  continuous: { kind: { case: 'continuous', value: {} } },
  asset: { kind: { case: 'asset', value: { condition: ORDERS } } },
} as const;
const RUN_TYPES = {
  scheduled: RunType.SCHEDULED,
  manual: RunType.MANUAL,
  backfill: RunType.BACKFILL,
} as const;

describe.each(tablesOf<Row>('backfill'))('$title', ({ rows }) => {
  it.each([...rows])('$name', (row) => {
    const timetable = SCHEDULES[row.schedule ?? 'days'];
    const allowedRunTypes = (row.allowed_run_types ?? []).map((name) => RUN_TYPES[name]);
    const scheduled = timetable === undefined ? {} : { timetable };
    const spec = specOf('d', { tasks: { a: {} } }, { ...scheduled, allowedRunTypes });
    for (const task of spec.tasks) task.dependsOnPast = row.depends_on_past;
    const simulation = createSimulation([spec], { startMs: NOW_MS, pausedDagIds: ['d'] });
    const wanted = create(BackfillSchema, {
      dagId: 'd',
      fromDate: toTimestamp(Date.parse(row.from ?? FROM)),
      toDate: toTimestamp(Date.parse(row.to ?? TO)),
      reprocessBehavior: REPROCESS[row.reprocess],
      isReverse: row.is_reverse,
    });
    const isOfPartitions = row.schedule === 'partitions';
    const place = isOfPartitions
      ? { partitionKey: SECOND.slice(0, 10) }
      : { logicalDate: toTimestamp(Date.parse(SECOND)) };
    const existing =
      row.existing === null
        ? []
        : [create(DagRunSchema, { ...place, state: STATES[row.existing] })];
    const plan = planBackfill(simulation.dag('d'), wanted, existing, NOW_MS);
    expect(plan.kind).toBe(row.refused ? 'refused' : 'dates');
    if (plan.kind === 'refused') return;
    const ordinals = plan.dates.map(({ ordinal }) => ordinal);
    expect(ordinals).toEqual(plan.dates.map((_, at) => at + 1));
    const byDate = plan.dates.toSorted(
      (a, b) => (fromTimestamp(a.runAfter) ?? 0) - (fromTimestamp(b.runAfter) ?? 0),
    );
    expect(byDate.map(({ action }) => ACTIONS.get(action))).toEqual(row.actions);
    expect(byDate).toEqual(row.is_reverse ? plan.dates.toReversed() : plan.dates);
  });
});

const ACTIONS: ReadonlyMap<number, string> = new Map(
  Object.entries(BackfillAction).map(([name, action]) => [action, name.toLowerCase()]),
);
