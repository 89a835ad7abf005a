// Which instants cron expressions mean, forwards and backwards, row by row.
import { readdirSync, readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { manualInterval, parseTimetable, planRun } from '#kernel/timetable/timetable.ts';

type Row = {
  readonly name?: string;
  readonly expression: string;
  readonly timezone?: string;
  /** The first tick is the first at or after it. */
  readonly from?: string;
  readonly ticks?: readonly string[];
  /** Part of the sentence it is refused with. */
  readonly refused?: string;
};

const CASES = new URL('cases/', import.meta.url);

function compile({ expression, timezone = '' }: Row) {
  const value = { expression, timezone, dataInterval: true };
  return parseTimetable(create(TimetableSchema, { kind: { case: 'cron', value } }));
}

function checkTicks(row: Row): void {
  const timetable = compile(row);
  const ticks = row.ticks?.map((tick) => Date.parse(tick)) ?? [];
  let startMs = Date.parse(row.from ?? '');
  for (const [index, tick] of ticks.entries()) {
    const run = planRun(timetable, { startMs, catchup: true, nowMs: startMs });
    expect(write(run?.intervalStartMs)).toBe(write(tick));
    expect(write(run?.intervalEndMs)).toBe(write(ticks[index + 1] ?? run?.intervalEndMs));
    startMs = tick + 1;
  }
  for (const [index, tick] of ticks.entries()) {
    const before = ticks[index - 1];
    if (before === undefined) continue;
    const { startMs: fromMs, endMs } = manualInterval(timetable, tick);
    expect([fromMs, endMs].map(write)).toEqual([before, tick].map(write));
  }
}

function write(atMs: number | undefined): string {
  return atMs === undefined ? 'never' : new Date(atMs).toISOString();
}

for (const file of readdirSync(CASES).filter((name) => /^cron-.*\.json$/.test(name))) {
  const table = JSON.parse(readFileSync(new URL(file, CASES), 'utf8'));
  const rows: readonly Row[] = table.rows;
  describe(`${table.title} (${table.source})`, () => {
    it.each(rows)('$name $expression $timezone', (row) => {
      if (row.refused === undefined) checkTicks(row);
      else expect(() => compile(row)).toThrow(row.refused);
    });
  });
}
