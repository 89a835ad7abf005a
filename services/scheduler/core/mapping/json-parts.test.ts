// What is cut out of a JSON text is what stood there.
import { expect, test } from 'vitest';
import { elementsIn, fieldsIn } from './json-parts.ts';

test('elements keep the digits that JavaScript has no room for', () => {
  const digits = ['12345678901234567890', '1.0', '-0.10', '1E400'];
  expect(elementsIn(` [ ${digits.join(' , ')} ] `)).toEqual(digits);
});

test('fields stay in the order in which they were written, whatever they are called', () => {
  const json = '{"b": 1, "10": [2, {"x": "}"}], "9": "a,\\"b]", "a:b" : null}';
  expect([...(fieldsIn(json) ?? [])]).toEqual([
    ['b', '1'],
    ['10', '[2, {"x": "}"}]'],
    ['9', '"a,\\"b]"'],
    ['a:b', 'null'],
  ]);
});

test('nothing has no parts', () => {
  expect(elementsIn('[ ]')).toEqual([]);
  expect(fieldsIn('{}')?.size).toBe(0);
});

test('what is neither list nor object has none of their parts', () => {
  expect([elementsIn('{"a": 1}'), fieldsIn('[1]'), elementsIn('"[1]"')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
