// Params from outside are checked before anything is made of them.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ParamSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { mergeParams } from './merge-params.ts';

const day = create(ParamSpecSchema, {
  name: 'day',
  schemaJson: '{"type":"string","format":"date"}',
});
const size = create(ParamSpecSchema, { name: 'size', defaultJson: '3' });

test('what is not given has its default, what is given wins', () => {
  expect(JSON.parse(mergeParams([day, size], '{"day":"2026-01-01"}'))).toEqual({
    day: '2026-01-01',
    size: 3,
  });
  expect(mergeParams([size], '{"size":4}')).toBe('{"size":4}');
});

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a name that reaches into objects', '{"__proto__":{"a":1},"day":"2026-01-01"}'],
  ['no value where there is no default', '{}'],
  ['a value of the wrong kind', '{"day":5}'],
  ['a value of the wrong form', '{"day":"yesterday"}'],
])('%s is refused with a sentence', (_, confJson) => {
  expect(() => mergeParams([day], confJson)).toThrowError(/param|conf/);
});

test('a schema with a name of its own can be used again and again', () => {
  const named = create(ParamSpecSchema, {
    name: 'n',
    schemaJson: '{"$id":"https://example.org/n","type":"integer"}',
  });
  const [first, second] = [mergeParams([named], '{"n":1}'), mergeParams([named], '{"n":2}')];
  expect([first, second]).toEqual(['{"n":1}', '{"n":2}']);
});

test('a schema that is none is the author’s to mend', () => {
  const broken = create(ParamSpecSchema, { name: 'n', schemaJson: '{"type":"nonsense"}' });
  expect(() => mergeParams([broken], '{"n":1}')).toThrowError(/mend the DAG/);
});

test('a value that a schema takes too long to check is refused, and holds nobody up', () => {
  const schemaJson = '{"type":"string","pattern":"^(a+)+$"}';
  const slow = create(ParamSpecSchema, { name: 'slow', schemaJson });
  expect(mergeParams([slow], '{"slow":"aaa"}')).toBe('{"slow":"aaa"}');
  const conf = JSON.stringify({ slow: `${'a'.repeat(60)}!` });
  expect(() => mergeParams([slow], conf)).toThrowError(/takes too long/);
});
