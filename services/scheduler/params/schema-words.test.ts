// What people read of params and forms that are not as their schema says.
import { expect, test } from 'vitest';
import { compileSchema, problemOf } from './json-object.ts';

test.each<[object, unknown, string]>([
  [{ type: 'string' }, 3, 'the form must be a text'],
  [{ type: ['integer', 'null'] }, 'x', 'the form must be a whole number or null'],
  [{ enum: ['a', 2] }, 3, 'the form must be one of "a", 2'],
  [{ const: 'a' }, 'b', 'the form must be "a"'],
  [{ type: 'number', minimum: 1 }, 0, 'the form must be at least 1'],
  [{ type: 'number', maximum: 1 }, 2, 'the form must be at most 1'],
  [{ type: 'string', minLength: 2 }, 'x', 'the form must have at least 2 characters'],
  [{ type: 'string', minLength: 1 }, '', 'the form must not be empty'],
  [{ type: 'string', format: 'date' }, 'today', 'the form must be a date'],
  [{ type: 'object', required: ['n'] }, {}, 'the form lacks "n"'],
  [{ additionalProperties: false }, { n: 1 }, 'the form may have nothing called "n"'],
  [{ properties: { n: { type: 'boolean' } } }, { n: 1 }, '"n" of the form must be true or false'],
  [{ items: { properties: { 'a/b': { type: 'array' } } } }, [{ 'a/b': 1 }], '"0/a/b" of the form'],
])('%j refuses %j: %s', (schema, value, words) => {
  expect(problemOf(compileSchema(JSON.stringify(schema)), value, 'the form')).toContain(words);
});
