// Counting what is at the top of a JSON text: as JSON.parse would see it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementsCount, fieldText } from './elements.ts';

/** The count by building the value. */
function counted(value: unknown): number | undefined {
  if (value === null) return undefined;
  return typeof value === 'object' ? Object.keys(value).length : -1;
}

const spaces = fc.constantFrom('', ' ', '\n', '\t \r\n');

test('it agrees with JSON.parse on any value, however it is written', () => {
  const indent = fc.constantFrom(undefined, 1, '\t');
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), indent, spaces, (value, indentation, space) => {
      const json = `${space}${JSON.stringify(value, undefined, indentation)}${space}`;
      expect(elementsCount(json)).toBe(counted(JSON.parse(json)));
    }),
    { numRuns: 500 },
  );
});

test('it agrees with JSON.parse on texts full of quotes, backslashes and brackets', () => {
  const unit = fc.constantFrom('"', '\\', ',', '[', ']', '{', '}', ':', 'a', '\u2028', '😀');
  const nasty = fc.string({ unit, maxLength: 8 });
  const value = fc.oneof(fc.array(nasty), fc.dictionary(nasty, fc.array(nasty)));
  fc.assert(
    fc.property(value, (each) => {
      expect(elementsCount(JSON.stringify(each))).toBe(counted(each));
    }),
    { numRuns: 500 },
  );
});

test('a key that is written twice, in two ways, is one key', () => {
  expect(elementsCount('{"a":1,"\\u0061":2,"b":3}')).toBe(2);
  expect(elementsCount('{"__proto__":1,"constructor":2}')).toBe(2);
});

test.each([
  ['[]', 0],
  [' [ ] ', 0],
  ['{ }', 0],
  ['[null]', 1],
  ['[[],[]]', 2],
  ['"[1,2]"', -1],
  ['0', -1],
  ['true', -1],
  ['false', -1],
  [' null', undefined],
])('%s has %s elements', (json, count) => {
  expect(elementsCount(json)).toBe(count);
});

test('a field is found as it stands there, whatever its name and its neighbours', () => {
  const unit = fc.constantFrom('"', '\\', ',', '[', '}', ':', 'a', ' ');
  const name = fc.string({ unit, maxLength: 4 });
  fc.assert(
    fc.property(fc.dictionary(name, fc.jsonValue({ maxDepth: 2 })), spaces, (object, space) => {
      const json = `${space}${JSON.stringify(object, undefined, 1)}`;
      for (const [key, value] of Object.entries(object)) {
        expect(JSON.parse(fieldText(json, key) ?? '')).toEqual(JSON.parse(JSON.stringify(value)));
      }
      expect(fieldText(json, 'not there')).toBeUndefined();
    }),
    { numRuns: 300 },
  );
  expect(fieldText('{"n": 12345678901234567890 }', 'n')).toBe('12345678901234567890');
  expect(fieldText('[1]', 'n')).toBeUndefined();
});
