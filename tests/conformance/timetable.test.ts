// Which runs timetables ask for, row by row.
import { readdirSync, readFileSync } from 'node:fs';
import { fromJson, type JsonObject } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import {
  type CompiledTimetable,
  manualInterval,
  type NextRunQuery,
  parseTimetable,
  type PlannedRun,
  planRun,
  previewRuns,
  runsBetween,
} from '#kernel/timetable/timetable.ts';

/** A run as the tables spell it; partitions have a key in place of date and interval. */
type Run = {
  readonly logical_date?: string;
  readonly interval?: readonly [string, string];
  readonly run_after: string;
  readonly partition_key?: string;
};

type Row = {
  readonly name: string;
  /** A Timetable of the contract, as JSON. */
  readonly timetable: JsonObject;
  readonly now?: string;
  /** Data interval of the last run. */
  readonly last?: readonly [string, string];
  readonly last_run_after?: string;
  readonly last_run_end?: string;
  readonly start?: string;
  readonly end?: string;
  readonly catchup?: boolean;
  /** The next run; null for none. */
  readonly next?: Run | null;
  /** The next `count` runs. */
  readonly preview?: readonly Run[];
  readonly count?: number;
  /** The runs of a backfill. */
  readonly runs?: readonly Run[];
  readonly from?: string;
  readonly to?: string;
  /** The instant of a manual run, whose interval is `interval`. */
  readonly manual?: string;
  readonly interval?: readonly [string, string];
  /** Part of the sentence it is refused with. */
  readonly refused?: string;
};

const CASES = new URL('cases/', import.meta.url);

function check(row: Row): void {
  const compile = () => parseTimetable(fromJson(TimetableSchema, row.timetable));
  if (row.refused === undefined) checkRuns(row, compile());
  else expect(compile).toThrow(row.refused);
}

function checkRuns(row: Row, timetable: CompiledTimetable): void {
  const { now = '', from = '', to = '', manual, preview, count = 0, runs } = row;
  if (manual !== undefined) {
    const { startMs, endMs } = manualInterval(timetable, Date.parse(manual));
    expect([write(startMs), write(endMs)]).toEqual(row.interval);
  } else if (preview !== undefined) {
    expect(previewRuns(timetable, { ...queryOf(row), count }).map(spell)).toEqual(preview);
  } else if (runs !== undefined) {
    const [fromMs = 0, toMs = 0, nowMs = 0] = [from, to, now].map((each) => Date.parse(each));
    expect(runsBetween(timetable, { fromMs, toMs, nowMs }).map(spell)).toEqual(runs);
  } else {
    const run = planRun(timetable, queryOf(row));
    expect(run === undefined ? null : spell(run)).toEqual(row.next);
  }
}

function queryOf(row: Row): NextRunQuery {
  return {
    lastIntervalStartMs: read(row.last?.[0]),
    lastIntervalEndMs: read(row.last?.[1]),
    lastRunAfterMs: read(row.last_run_after),
    lastRunEndMs: read(row.last_run_end),
    startMs: read(row.start),
    endMs: read(row.end),
    catchup: row.catchup ?? false,
    nowMs: read(row.now) ?? Number.NaN,
  };
}

function spell(run: PlannedRun): Run {
  const { logicalDateMs, intervalStartMs, intervalEndMs, runAfterMs, partitionKey } = run;
  const run_after = write(runAfterMs);
  if (partitionKey !== undefined) return { run_after, partition_key: partitionKey };
  return {
    logical_date: write(logicalDateMs),
    interval: [write(intervalStartMs), write(intervalEndMs)],
    run_after,
  };
}

function read(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function write(atMs: number | undefined): string {
  return atMs === undefined ? 'never' : new Date(atMs).toISOString().replace('.000Z', 'Z');
}

for (const file of readdirSync(CASES).filter((name) => /^timetable-.*\.json$/.test(name))) {
  const table = JSON.parse(readFileSync(new URL(file, CASES), 'utf8'));
  const rows: readonly Row[] = table.rows;
  describe(`${table.title} (${table.source})`, () => {
    it.each(rows)('$name (now $now, catchup $catchup)', check);
  });
}
