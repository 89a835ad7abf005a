// The values of a mapped task are sliced as Airflow slices them, which is as Python does.
import { describe, expect, it } from 'vitest';
import { type Slice, sliceOf } from '../../services/executor/core/slice.ts';
import table from './cases/xcom-slice.json' with { type: 'json' };

type Row = Slice & { readonly slice: string; readonly expected: readonly (string | null)[] };

const rows: readonly Row[] = table.rows;

describe(table.title, () => {
  it.each(rows)('[$slice]', ({ expected, start, stop, step }) => {
    expect(sliceOf(table.values, { start, stop, step })).toEqual(expected);
  });
});
