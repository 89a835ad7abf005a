// Which part of a chunk of a log is new.
import { expect, test } from 'vitest';
import { planChunk } from './log-window.ts';

test.each([
  [{ storedSize: 10, offset: 11, length: 5, sizeMax: 100 }, { kind: 'gap' }],
  [{ storedSize: 10, offset: 0, length: 10, sizeMax: 100 }, { kind: 'stored' }],
  [{ storedSize: 10, offset: 10, length: 0, sizeMax: 100 }, { kind: 'stored' }],
  [
    { storedSize: 10, offset: 8, length: 5, sizeMax: 100 },
    { kind: 'append', skip: 2, length: 3 },
  ],
  [
    { storedSize: 10, offset: 8, length: 5, sizeMax: 12 },
    { kind: 'overflow', skip: 2, length: 2 },
  ],
  [
    { storedSize: 12, offset: 12, length: 5, sizeMax: 12 },
    { kind: 'overflow', skip: 0, length: 0 },
  ],
])('%j is planned as %j', (chunk, plan) => {
  expect(planChunk(chunk)).toEqual(plan);
});
