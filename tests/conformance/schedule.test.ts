// Which runs schedules make while time passes, and what runs are called, row by row.
import { readdirSync, readFileSync } from 'node:fs';
import { fromJson, type JsonObject } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import {
  isRunIdAllowed,
  makeRunId,
  readRunIdPattern,
} from '../../services/scheduler/core/run/run-ids.ts';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';

type Row =
  | {
      readonly kind: 'pattern';
      readonly pattern: string;
      readonly run_id: string;
      readonly allowed: boolean;
    }
  | {
      readonly kind: 'id';
      readonly run_type: keyof typeof RunType;
      readonly run_after: string;
      readonly logical_date?: string;
      readonly partition_key?: string;
      /** What the id is, as a regular expression. */
      readonly id: string;
    }
  | {
      readonly kind: 'runs';
      /** A Timetable of the contract, as JSON; a DAG without one runs only when it is triggered. */
      readonly timetable?: JsonObject;
      readonly start?: string;
      readonly end?: string;
      /** Start and end dates of the tasks; null for none. */
      readonly tasks?: readonly (readonly [string | null, string | null])[];
      readonly catchup: boolean;
      readonly allowed?: readonly ('RUN_TYPE_MANUAL' | 'RUN_TYPE_SCHEDULED')[];
      /** The DAG is new at this instant, and time passes until that one. */
      readonly from: string;
      readonly to: string;
      /** Logical dates, in the order in which the runs are made. */
      readonly runs?: readonly string[];
      /** Partition keys of runs without dates. */
      readonly keys?: readonly string[];
    };

const CASES = new URL('cases/', import.meta.url);

function check(row: Row): void {
  if (row.kind === 'pattern') {
    expect(isRunIdAllowed(row.run_id, readRunIdPattern(row.pattern))).toBe(row.allowed);
  } else if (row.kind === 'id') {
    const runId = makeRunId(
      {
        runType: RunType[row.run_type],
        runAfterMs: Date.parse(row.run_after),
        logicalDateMs: row.logical_date === undefined ? undefined : Date.parse(row.logical_date),
        partitionKey: row.partition_key,
      },
      uuidV7,
    );
    expect(runId).toMatch(new RegExp(row.id, 'u'));
  } else checkRuns(row);
}

function checkRuns(row: Extract<Row, { kind: 'runs' }>): void {
  const spec = {
    dagId: 'd',
    ...(row.timetable && { timetable: fromJson(TimetableSchema, row.timetable) }),
    ...datesOf(row.start, row.end),
    catchup: row.catchup,
    allowedRunTypes: (row.allowed ?? []).map((name) =>
      name === 'RUN_TYPE_MANUAL' ? RunType.MANUAL : RunType.SCHEDULED,
    ),
    tasks: (row.tasks ?? [[null, null]]).map(([start, end], at) => ({
      ...{ taskId: `t${at}`, isEmpty: true },
      ...datesOf(start ?? undefined, end ?? undefined),
    })),
  };
  const simulation = createSimulation([spec], { startMs: Date.parse(row.from) });
  simulation.advanceTo(Date.parse(row.to));
  const runs = simulation.runs();
  expect(runs.every(({ runType }) => runType === RunType.SCHEDULED)).toBe(true);
  if (row.keys === undefined) {
    const dates = runs.map(({ logicalDateMs = Number.NaN }) => logicalDateMs);
    expect(dates).toEqual(row.runs?.map((date) => Date.parse(date)));
  } else {
    expect(runs.map(({ partitionKey }) => partitionKey)).toEqual(row.keys);
    expect(runs.every(({ logicalDateMs }) => logicalDateMs === undefined)).toBe(true);
  }
}

function datesOf(start: string | undefined, end: string | undefined) {
  return {
    ...(start === undefined ? {} : { startDate: toTimestamp(Date.parse(start)) }),
    ...(end === undefined ? {} : { endDate: toTimestamp(Date.parse(end)) }),
  };
}

for (const file of readdirSync(CASES).filter((name) => /^schedule-.*\.json$/.test(name))) {
  const table = JSON.parse(readFileSync(new URL(file, CASES), 'utf8'));
  const rows: readonly (Row & { readonly name: string })[] = table.rows;
  describe(`${table.title} (${table.source})`, () => {
    it.each(rows)('$name', check);
  });
}
