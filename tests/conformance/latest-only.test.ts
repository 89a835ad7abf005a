// Latest only: whether what is below runs, by the run's interval and the time it is.
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { instanceOf } from '../../services/scheduler/core/instance.ts';
import { nameOfState } from '../../services/scheduler/core/state.ts';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  /** A Timetable as JSON. */
  readonly timetable: JsonValue;
  readonly run_type: 'scheduled' | 'manual' | 'backfill' | 'asset_triggered';
  /** Null for a run without logical date. */
  readonly interval: readonly [string, string] | null;
  readonly run_after: string;
  readonly now: string;
  readonly dag_end: string | null;
  readonly is_latest: boolean;
};

const RUN_TYPES = {
  scheduled: RunType.SCHEDULED,
  manual: RunType.MANUAL,
  backfill: RunType.BACKFILL,
  asset_triggered: RunType.ASSET_TRIGGERED,
} as const;

describe.each(tablesOf<Row>('latest-only'))('$title', ({ rows }) => {
  it.each([...rows])('$name', (row) => {
    const spec = fromJson(DagSpecSchema, {
      dag_id: 'd',
      timetable: row.timetable,
      ...(row.dag_end === null ? {} : { end_date: row.dag_end }),
      tasks: [
        { task_id: 'latest', is_latest_only: true },
        { task_id: 'work', upstream_task_ids: ['latest'], handler: 'f', queue: 'q' },
        { task_id: 'join', upstream_task_ids: ['work'], trigger_rule: 'TRIGGER_RULE_ALL_DONE' },
      ],
    });
    const startMs = Date.parse(row.now);
    const simulation = createSimulation([spec], { startMs, pausedDagIds: ['d'] });
    const [intervalStartMs, intervalEndMs] = row.interval?.map((date) => Date.parse(date)) ?? [];
    // A paused DAG starts runs of backfills only, so that none of its own comes in between.
    const run = simulation.trigger('d', {
      runType: RUN_TYPES[row.run_type],
      logicalDateMs: intervalStartMs,
      ...{ intervalStartMs, intervalEndMs, runAfterMs: Date.parse(row.run_after) },
      backfillId: 'b',
    });
    const stateOf = (taskId: string) => nameOfState(instanceOf(run, taskId)?.state ?? 0);
    expect(stateOf('latest')).toBe('success');
    expect(stateOf('work')).toBe(row.is_latest ? 'scheduled' : 'skipped');
    // Only what is directly below is skipped: the rest follows its rules.
    expect(stateOf('join')).toBe(row.is_latest ? 'none' : 'scheduled');
  });
});
