// What people type is read as they mean it, or refused with the way to write it.
import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  parseChoice,
  parseIndexRange,
  parseInstantMs,
  parseJson,
  parseJsonObject,
  parseSpanMs,
  parseWhole,
} from './arguments.ts';

test.each([
  ['3', { from: 3, to: 3 }],
  ['10-19', { from: 10, to: 19 }],
  ['0-0', { from: 0, to: 0 }],
])('the indexes %s are %o', (text, range) => {
  expect(parseIndexRange(text)).toEqual(range);
});

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['250ms', 250],
  ['30', 30_000],
])('the span %s is %i ms', (text, ms) => {
  expect(parseSpanMs(text)).toBe(ms);
});

test.each([
  ['2026-01-31', '2026-01-31T00:00:00Z'],
  ['2026-01-31 09:30', '2026-01-31T09:30:00Z'],
  ['2026-01-31T09:30:00.5Z', '2026-01-31T09:30:00.500Z'],
  ['2026-01-31T09:30:00+01:00', '2026-01-31T08:30:00Z'],
  ['2024-02-29', '2024-02-29T00:00:00Z'],
])('the instant %s is %s', (text, utc) => {
  expect(parseInstantMs(text)).toBe(Date.parse(utc));
});

const STATES = new Map([
  ['queued', 1],
  ['running', 2],
]);

test('names and numbers are read within their limits', () => {
  expect(parseChoice(STATES)('Running')).toBe(2);
  expect(parseWhole({ min: -1, max: 5 })('-1')).toBe(-1);
  expect(parseJsonObject('{"a": [1]}')).toBe('{"a": [1]}');
});

describe('what cannot be meant is refused', () => {
  test.each<[string, (text: string) => unknown, string, string]>([
    ['a span', parseSpanMs, 'soon', '90s, 5m or 2h'],
    ['a span', parseSpanMs, '-5s', '90s, 5m or 2h'],
    ['an instant', parseInstantMs, '2026-02-30', '2026-01-31'],
    ['an instant', parseInstantMs, '2026-01-31T25:00:00Z', '2026-01-31'],
    ['an instant', parseInstantMs, 'yesterday', '2026-01-31'],
    ['an object', parseJsonObject, '{', 'not JSON'],
    ['an object', parseJsonObject, '[1]', 'JSON object'],
    ['an object', parseJsonObject, 'null', 'JSON object'],
    ['a value', parseJson, 'nonsense', 'Texts need quotes'],
    ['indexes', parseIndexRange, '9-3', '10-19'],
    ['indexes', parseIndexRange, '-1', '10-19'],
    ['a number', parseWhole({ min: 1, max: 9 }), '10', 'from 1 to 9'],
    ['a number', parseWhole({ min: 1, max: 9 }), '1.5', 'from 1 to 9'],
    ['a state', parseChoice(STATES), 'broken', 'queued, running'],
  ])('%s: %o of "%s"', (_what, parse, text, sentence) => {
    expect(() => parse(text)).toThrow(InvalidArgumentError);
    expect(() => parse(text)).toThrow(sentence);
  });
});
