// What was heard of late is remembered, and no more than that.
import { expect, test } from 'vitest';
import { createRecent } from './recent.ts';

test('the latest are remembered, with what was last said of them', () => {
  const recent = createRecent<number>(3);
  for (let id = 1; id <= 7; id++) recent.set(`id-${id}`, id);
  recent.set('id-6', 60);
  expect([5, 6, 7].map((id) => recent.get(`id-${id}`))).toEqual([5, 60, 7]);
});

test('at most twice as many as asked for are remembered', () => {
  const recent = createRecent<number>(100);
  const ids = Array.from({ length: 1_000 }, (_, index) => `id-${index}`);
  for (const [index, id] of ids.entries()) {
    recent.set(id, index);
    expect(recent.has(id)).toBe(true);
  }
  expect(ids.filter((id) => recent.has(id)).length).toBeLessThanOrEqual(200);
});

test('what is wrong now is forgotten, however long ago it was heard', () => {
  const recent = createRecent<number>(2);
  for (const value of [1, 2, 3]) recent.set(`id-${value}`, value);
  recent.forget((value) => value !== 2);
  expect([1, 2, 3].filter((value) => recent.has(`id-${value}`))).toEqual([2]);
});
