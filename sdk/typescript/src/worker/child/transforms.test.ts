// Changes of arguments: in order, inside zipped lists, and of keyword arguments as a whole.
import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../json.ts';
import type { InputTransform } from '../ipc.ts';
import { type Change, transformed } from './transforms.ts';

/** Handlers are named after what they do. */
const change: Change = async (handler, value) => {
  if (handler === 'plus one') return Number(value) + 1;
  if (handler === 'twice') return Number(value) * 2;
  if (handler === 'sum') return (value as readonly number[]).reduce((a, b) => a + b, 0);
  if (handler === 'as n') return { n: value };
  return JSON.stringify(value);
};

function transform(
  name: string,
  handlers: string[],
  path: number[] = [],
  field = '',
): InputTransform {
  return { name, handlers, path, field };
}

test.each<[string, JsonObject, InputTransform[], JsonValue]>([
  ['nothing', { x: 1 }, [], { x: 1 }],
  ['functions innermost first', { x: 1 }, [transform('x', ['plus one', 'twice'])], { x: 4 }],
  ['a field of what they give', { x: 1 }, [transform('x', ['as n'], [], 'n')], { x: 1 }],
  ['an element of a zipped list', { x: [1, 5] }, [transform('x', ['twice'], [1])], { x: [1, 10] }],
  [
    'elements before what holds them',
    { x: [1, [2, 3]] },
    [
      transform('x', ['twice'], [0]),
      transform('x', ['plus one'], [1, 0]),
      transform('x', ['sum'], [1]),
      transform('x', ['sum']),
    ],
    { x: 8 },
  ],
  [
    'an element of keyword arguments that is no object yet',
    { '': 7, given: true },
    [transform('', ['plus one', 'as n'])],
    { given: true, n: 8 },
  ],
  [
    'a field that they do not give',
    { x: 1 },
    [transform('x', ['as n'], [], 'toString')],
    { x: null },
  ],
  ['an element that is one already', { '': { n: 1 }, given: true }, [], { given: true, n: 1 }],
  [
    'all arguments as one, which keeps those that are not replaced',
    { a: 1, b: 2 },
    [transform('', ['as n'])],
    { a: 1, b: 2, n: { a: 1, b: 2 } },
  ],
])('%s', async (_, inputs, transforms, expected) => {
  expect(await transformed(inputs, transforms, change)).toEqual(expected);
});

test.each<[string, JsonObject, InputTransform[], RegExp]>([
  ['an argument that is not there', {}, [transform('x', ['twice'])], /no argument "x"/],
  ['an element that is not there', { x: [1] }, [transform('x', ['twice'], [1])], /no element 1/],
  ['an element of no list', { x: 1 }, [transform('x', ['twice'], [0])], /no element 0 .* in 1/],
  ['keyword arguments that end as a number', { '': 1 }, [transform('', ['twice'])], /not 2/],
  ['keyword arguments that stay a list', { '': [1] }, [], /must be an object, not \[1\]/],
])('%s is refused', async (_, inputs, transforms, words) => {
  await expect(transformed(inputs, transforms, change)).rejects.toThrow(words);
});
