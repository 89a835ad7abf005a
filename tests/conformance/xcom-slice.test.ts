// The values of a mapped task are sliced as Airflow slices them, which is as Python does; a single
// element outside of them is an error, a slice is not.
import { describe, expect, it } from 'vitest';
import type { Ask } from '../../sdk/typescript/src/worker/child/ask.ts';
import { xcomsOf } from '../../sdk/typescript/src/worker/child/xcoms.ts';
import { type Slice, sliceOf } from '../../services/executor/core/slice.ts';
import table from './cases/xcom-slice.json' with { type: 'json' };

type Row = Slice & { readonly slice: string; readonly expected: readonly (string | null)[] };

const rows: readonly Row[] = table.rows;

describe(table.title, () => {
  it.each(rows)('[$slice]', ({ expected, start, stop, step }) => {
    expect(sliceOf(table.values, { start, stop, step })).toEqual(expected);
  });

  it.each(table.offsets)('offset $offset', async ({ offset, expected, is_outside = false }) => {
    const pulled = xcomsOf(meshAnswers, 1_000).pull({ taskId: 'up', offset });
    if (!is_outside) return expect(await pulled).toEqual(expected);
    return expect(pulled).rejects.toMatchObject({
      code: 'not_found',
      message: `offset ${offset} is outside of the 4 values of instances of up under return_value`,
    });
  });

  it.each([{ slice: {} }, { mapIndex: 0 }, { mapIndexes: [0] }])(
    'an offset does not go with %j',
    async (other) => {
      const pulled = xcomsOf(meshAnswers, 1_000).pull({ offset: 0, ...other });
      await expect(pulled).rejects.toThrow('exclude each other');
    },
  );
});

const meshAnswers: Ask = async (_method, { slice }) => ({
  valueJson: JSON.stringify(sliceOf(table.values, slice as Slice)),
  mappedCount: table.values.length,
});
