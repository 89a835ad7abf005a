// What partition mappers make of keys, row by row.
import { readdirSync, readFileSync } from 'node:fs';
import { fromJson, type JsonObject } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { PartitionMapperSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { partitionKeyOf } from '#kernel/timetable/timetable.ts';

type Row = {
  readonly name: string;
  /** A PartitionMapper of the contract, as JSON. */
  readonly mapper: JsonObject;
  readonly key: string;
  readonly becomes?: string;
  /** The event is none of the DAG's business. */
  readonly ignored?: boolean;
  /** Part of the sentence it is refused with. */
  readonly refused?: string;
};

const CASES = new URL('cases/', import.meta.url);

for (const file of readdirSync(CASES).filter((name) => /^partition-.*\.json$/.test(name))) {
  const table = JSON.parse(readFileSync(new URL(file, CASES), 'utf8'));
  const rows: readonly Row[] = table.rows;
  describe(`${table.title} (${table.source})`, () => {
    it.each(rows)('$name: $key', ({ mapper, key, becomes, ignored = false, refused }) => {
      const map = () => partitionKeyOf(fromJson(PartitionMapperSchema, mapper), key);
      if (refused !== undefined) expect(map).toThrow(refused);
      else expect(map()).toBe(ignored ? undefined : becomes);
    });
  });
}
