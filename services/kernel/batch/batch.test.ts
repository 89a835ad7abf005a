// Batches leave at once when nothing is under way, else when the last one is done.
import { describe, expect, it } from 'vitest';
import { reasonOf } from '../errors/errors.ts';
import { createBatcher } from './batch.ts';

describe('a batcher', () => {
  it('hands on at once what is added in one breath, in one batch', async () => {
    const { batcher, batches } = aBatcher();
    const answers = await Promise.all([batcher.add(1), batcher.add(2), batcher.add(3)]);
    expect(answers).toEqual([10, 20, 30]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('collects while a batch is under way, and never has two under way', async () => {
    const { batcher, batches, gate } = aBatcher({ isGated: true });
    const first = batcher.add(1);
    await untilFlushed(batches, 1);
    const later = [batcher.add(2), batcher.add(3)];
    expect(batches).toEqual([[1]]);
    gate.resolve();
    await Promise.all([first, ...later]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('makes no batch larger than its limit, and keeps the order', async () => {
    const { batcher, batches } = aBatcher({ itemsMax: 2 });
    await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('gives a failure to those of that batch only', async () => {
    const { batcher } = aBatcher({ itemsMax: 1, failOn: 2 });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses what would make the queue longer than it may be', async () => {
    const { batcher, batches, gate } = aBatcher({ isGated: true, waitingMax: 1 });
    const first = batcher.add(1);
    await untilFlushed(batches, 1);
    const second = batcher.add(2);
    const error = await batcher.add(3).catch((refusal: unknown) => refusal);
    expect(reasonOf(error)).toBe('queue_full');
    gate.resolve();
    expect(await Promise.all([first, second])).toEqual([10, 20]);
  });

  it('takes back an item that still waits, not one that is under way', async () => {
    const { batcher, batches, gate } = aBatcher({ isGated: true });
    const leaving = new AbortController();
    const first = batcher.add(1, leaving.signal);
    await untilFlushed(batches, 1);
    const second = batcher.add(2, leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    await expect(batcher.add(3, leaving.signal)).rejects.toThrow('gone');
    gate.resolve();
    expect(await first).toBe(10);
    await batcher.idle();
    expect(batches).toEqual([[1]]);
  });

  it('is idle once everything was handed on, also right from the start', async () => {
    const { batcher, batches } = aBatcher();
    await batcher.idle();
    void batcher.add(1);
    await batcher.idle();
    expect(batches).toEqual([[1]]);
  });
});

type BatcherOptions = {
  readonly itemsMax?: number;
  readonly waitingMax?: number;
  readonly isGated?: boolean;
  readonly failOn?: number;
};

function aBatcher({ itemsMax = 100, waitingMax = 1_000, isGated, failOn }: BatcherOptions = {}) {
  const batches: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const flush = async (items: number[]) => {
    batches.push(items);
    if (isGated) await gate.promise;
    if (failOn !== undefined && items.includes(failOn)) throw new Error('refused');
    return items.map((item) => item * 10);
  };
  return { batcher: createBatcher({ flush, itemsMax, waitingMax }), batches, gate };
}

async function untilFlushed(batches: readonly number[][], count: number): Promise<void> {
  for (let turn = 0; turn < 100 && batches.length < count; turn += 1) await Promise.resolve();
  expect(batches).toHaveLength(count);
}
