// Series of runs: their bounds, and that they agree with asking run by run.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import {
  parseTimetable,
  type PlannedRun,
  planRun,
  previewRuns,
  RUNS_BETWEEN_MAX,
  runsBetween,
} from './timetable.ts';

function parse(kind: MessageInitShape<typeof TimetableSchema>['kind']) {
  return parseTimetable(create(TimetableSchema, { kind }));
}

const minutely = parse({ case: 'cron', value: { expression: '* * * * *' } });
const partitions = parse({
  case: 'cronPartition',
  value: { expression: '0 */6 * * 1-5', timezone: 'Europe/Zurich', runOffset: -7 },
});
const NOW_MS = Date.parse('2026-11-21T00:00:00Z');

describe('a backfill', () => {
  const toMs = Date.parse('2026-01-01T00:00:00Z');

  test('may have 100,000 runs, and not one more', () => {
    const fromMs = toMs - (RUNS_BETWEEN_MAX - 1) * 60_000;
    expect(runsBetween(minutely, { fromMs, toMs, nowMs: NOW_MS })).toHaveLength(RUNS_BETWEEN_MAX);
    expect(() => runsBetween(minutely, { fromMs: fromMs - 60_000, toMs, nowMs: NOW_MS })).toThrow(
      'there are more than 100000 runs between 2025-10-23T13:20:00.000Z and',
    );
  });

  test('of partitions is what asking run by run gives', () => {
    const fromMs = Date.parse('2026-03-25T00:00:00Z');
    const nowMs = NOW_MS;
    const runs = runsBetween(partitions, { fromMs, toMs: fromMs + 10 * 86_400_000, nowMs });
    const asked: PlannedRun[] = [];
    for (const { runAfterMs } of runs) {
      const run = planRun(partitions, { startMs: runAfterMs, catchup: true, nowMs });
      if (run !== undefined) asked.push(run);
    }
    expect(runs.length).toBeGreaterThan(20);
    expect(runs).toEqual(asked);
  });
});

describe('a preview', () => {
  test('shows 1,000 runs at most', () => {
    const query = { catchup: false, nowMs: NOW_MS, count: 1_000_000 };
    expect(previewRuns(minutely, query)).toHaveLength(1_000);
  });
});
