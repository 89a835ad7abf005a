// When updates of assets start runs, and with which events, row by row.
import { readdirSync, readFileSync } from 'node:fs';
import { create, fromJson, type JsonObject } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { AssetEventSchema, AssetExpressionSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { AssetDeliverySchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { isTrue, updatedBy } from '../../services/scheduler/core/asset/condition.ts';
import { receiveDeliveries } from '../../services/scheduler/core/asset/deliveries.ts';
import { createSimulation } from '../../services/scheduler/simulator/simulation.ts';

/** An update as the tables spell it. */
type Update = {
  readonly id?: string;
  readonly asset: string;
  readonly uri?: string;
  readonly key?: string;
  readonly aliases?: readonly string[];
};

/** A condition is looked at, or a schedule takes events one after the other. */
type Row =
  | {
      readonly name: string;
      /** An AssetExpression of the contract, as JSON. */
      readonly condition: JsonObject;
      readonly updated: readonly Update[];
      readonly holds: boolean;
    }
  | {
      readonly name: string;
      readonly condition?: undefined;
      /** A Timetable of the contract, as JSON. */
      readonly timetable: JsonObject;
      /** Those in a list of their own come together. */
      readonly events: readonly (Update | readonly Update[])[];
      readonly runs: readonly { readonly key?: string; readonly events: readonly string[] }[];
      /** Ids of events that still await the DAG in the end. */
      readonly pending: readonly string[];
      /** Ids of events that were taken without a run. */
      readonly dropped?: readonly string[];
    };

const CASES = new URL('cases/', import.meta.url);
const NOW_MS = Date.UTC(2026, 0, 1, 12);

function eventOf({ id = '', asset, uri = asset, key = '', aliases = [] }: Update) {
  return create(AssetEventSchema, {
    ...{ id, assetName: asset, assetUri: uri, partitionKey: key, aliases: [...aliases] },
  });
}

function check(row: Row): void {
  if (row.condition !== undefined) {
    const condition = fromJson(AssetExpressionSchema, row.condition);
    expect(isTrue(condition, updatedBy(row.updated.map(eventOf)))).toBe(row.holds);
    return;
  }
  const timetable = fromJson(TimetableSchema, row.timetable);
  const spec = { dagId: 'consumer', timetable, tasks: [{ taskId: 'a' }] };
  const simulation = createSimulation([spec], { startMs: NOW_MS });
  for (const step of row.events) {
    const updates: readonly Update[] = 'asset' in step ? [step] : step;
    const deliveries = updates.map((update) =>
      create(AssetDeliverySchema, { dagId: 'consumer', event: eventOf(update) }),
    );
    simulation.decide((deciding, moment) => receiveDeliveries(deciding, moment, deliveries));
  }
  const made = simulation.runs().filter((run) => run.runType === RunType.ASSET_TRIGGERED);
  expect(
    made.map(({ partitionKey, events }) => ({
      ...(partitionKey === '' ? {} : { key: partitionKey }),
      events: events.map(({ id }) => id),
    })),
  ).toEqual(row.runs);
  expect([...simulation.dag('consumer').deliveries.keys()]).toEqual(row.pending);
  const consumed = simulation.commits.flatMap((commit) => commit.consumedDeliveries);
  const dropped = consumed.filter(({ dagRunId }) => dagRunId === '');
  expect(dropped.flatMap(({ eventIds }) => eventIds)).toEqual(row.dropped ?? []);
  expect(consumed.flatMap(({ dagRunId }) => (dagRunId === '' ? [] : [dagRunId]))).toEqual(
    made.map(({ id }) => id),
  );
}

for (const file of readdirSync(CASES).filter((name) => /^asset-.*\.json$/.test(name))) {
  const table = JSON.parse(readFileSync(new URL(file, CASES), 'utf8'));
  const rows: readonly Row[] = table.rows;
  describe(`${table.title} (${table.source})`, () => {
    it.each(rows)('$name', check);
  });
}
