// The texts that authors read.
import { expect, test } from 'vitest';
import { importErrorText, namedImportError } from './import-error.ts';

test('every problem has its file and line', () => {
  const problems = [{ line: 3, cause: 'first' }, { cause: 'second' }];
  expect(importErrorText('a.ts', problems)).toBe('a.ts:3: first\na.ts:1: second');
});

test('of many problems the first twenty are told', () => {
  const problems = Array.from({ length: 25 }, (_, at) => ({ line: at + 1, cause: 'x' }));
  const lines = importErrorText('a.ts', problems).split('\n');
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('… and 5 more');
});

test('a text that names its file already is not named twice', () => {
  expect(namedImportError('a.ts', 'a.ts:3: x')).toBe('a.ts:3: x');
  expect(namedImportError('a.ts', 'x')).toBe('a.ts:1: x');
});

test('no text is longer than the catalog takes, nor cut inside a letter', () => {
  const text = importErrorText('a.ts', [{ cause: 'ü'.repeat(50_000) }]);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
  expect(text).toMatch(/ü…$/);
});
