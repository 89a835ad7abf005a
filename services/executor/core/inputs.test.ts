// Arguments: literals and references, put together into one JSON object.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { XComRecordSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import {
  InputReferenceSchema,
  type ValueReferenceSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { composeInputs, placesOf } from './inputs.ts';
import { createXComValues, distinctPlaces } from './xcom-values.ts';

type Reference = MessageInitShape<typeof ValueReferenceSchema>;
type Pushed = { mapIndex?: number; element?: number; valueJson: string };

const dagRunId = 'run-1';
const literal = (valueJson: string): Reference => ({
  kind: { case: 'valueJson', value: valueJson },
});
const whole = (mapIndex = -1): Reference => ({
  kind: { case: 'xcom', value: { taskId: 't', mapIndex } },
});
const element = (index: number): Reference => ({
  kind: { case: 'xcom', value: { taskId: 't', mapIndex: -1, element: index } },
});
const series = (mapIndexFrom = 0, mapIndexTo = 0): Reference => ({
  kind: { case: 'series', value: { taskId: 't', mapIndexFrom, mapIndexTo } },
});
const list = (...values: Reference[]): Reference => ({ kind: { case: 'list', value: { values } } });

const inputsOf = (references: Readonly<Record<string, Reference>>) =>
  Object.entries(references).map(([name, value]) => create(InputReferenceSchema, { name, value }));

/** What task `t` has pushed as its result. */
function valuesOf(pushed: readonly Pushed[]) {
  const values = createXComValues();
  for (const { valueJson, mapIndex = -1, ...rest } of pushed) {
    const address = { dagRunId, taskId: 't', key: 'return_value', mapIndex, ...rest };
    values.put(create(XComRecordSchema, { address, valueJson }));
  }
  return values;
}

function compose(
  references: Readonly<Record<string, Reference>>,
  pushed: readonly Pushed[] = [],
  literals = '{}',
) {
  const of = { dagRunId, inputs: inputsOf(references), values: valuesOf(pushed) };
  return composeInputs(literals, of);
}

describe('arguments', () => {
  const value = fc.jsonValue().map((json) => JSON.stringify(json));
  const argument = fc.string({ minLength: 1 }).filter((key) => key !== '__proto__');

  test('are those of the scheduler and those that are resolved, for any values', () => {
    const some = fc.dictionary(argument, value);
    fc.assert(
      fc.property(some, some, (literals, resolved) => {
        const literalsJson = `{${Object.entries(literals)
          .map(([key, json]) => `${JSON.stringify(key)}: ${json}`)
          .join(' , ')}}`;
        const references = Object.fromEntries(
          Object.entries(resolved).map(([key, json]) => [key, literal(json)]),
        );
        const parsed = (all: Record<string, string>) =>
          Object.fromEntries(Object.entries(all).map(([key, json]) => [key, JSON.parse(json)]));
        const composed = compose(references, [], literalsJson);
        expect(composed.kind === 'composed' && JSON.parse(composed.inputsJson)).toEqual({
          ...parsed(literals),
          ...parsed(resolved),
        });
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    [
      'a value that was pushed',
      { a: whole() },
      [{ valueJson: '12345678901234567890' }],
      '{"a":12345678901234567890}',
    ],
    ['a value that nobody pushed', { 'a"b': whole() }, [], '{"a\\"b":null}'],
    ['a value of a mapped instance', { a: whole(3) }, [{ mapIndex: 3, valueJson: '1' }], '{"a":1}'],
    ['an element', { a: element(2) }, [{ element: 2, valueJson: '"x"' }], '{"a":"x"}'],
    [
      'all instances in order, without those that pushed nothing',
      { a: series() },
      [
        { mapIndex: 10, valueJson: '10' },
        { mapIndex: 2, valueJson: '2' },
      ],
      '{"a":[2,10]}',
    ],
    [
      'some instances',
      { a: series(1, 3) },
      [0, 1, 2, 3].map((mapIndex) => ({ mapIndex, valueJson: `${mapIndex}` })),
      '{"a":[1,2]}',
    ],
    ['instances of which none pushed anything', { a: series() }, [], '{"a":[]}'],
    [
      'a list of values',
      { a: list(literal('"l"'), element(0), list(whole(7)), series()) },
      [{ element: 0, valueJson: '0' }],
      '{"a":["l",0,[null],[]]}',
    ],
    [
      'the fields of an object',
      { '': element(0), b: literal('2') },
      [{ element: 0, valueJson: ' {"a":1} ' }],
      '{"a":1,"b":2}',
    ],
    ['the fields of an empty object', { '': literal('{ }') }, [], '{}'],
  ])('may be %s', (_, references, pushed, inputsJson) => {
    expect(compose(references, pushed)).toEqual({ kind: 'composed', inputsJson });
  });

  test.each([
    ['an element that is gone', { a: element(4) }, 'XComForMappingNotPushed', 'element 4'],
    ['such an element in a list', { a: list(element(4)) }, 'XComForMappingNotPushed', 'element 4'],
    ['fields of what is no object', { '': literal('[1]') }, 'UnmappableXComTypePushed', '[1]'],
    ['fields of what nobody pushed', { '': whole() }, 'UnmappableXComTypePushed', 'null'],
    [
      'more than a lease carries',
      { a: list(...Array<Reference>(400).fill(literal(`"${'x'.repeat(10_000)}"`))) },
      'LimitExceeded',
      'bytes',
    ],
  ])('cannot be %s', (_, references, errorClass, word) => {
    const composed = compose(references);
    expect(composed).toMatchObject({ kind: 'problem', errorClass });
    expect(composed.kind === 'problem' && composed.sentence).toContain(word);
  });

  test('cannot be a series that no answer carries', () => {
    const values = valuesOf([]);
    const inputs = inputsOf({ a: series() });
    for (const place of placesOf(dagRunId, inputs)) values.putTooLarge(place);
    expect(composeInputs('{}', { dagRunId, inputs, values })).toMatchObject({
      kind: 'problem',
      errorClass: 'LimitExceeded',
    });
  });
});

test('what several arguments mean is read once', () => {
  const references = {
    a: whole(),
    b: list(whole(), element(1), series()),
    c: element(1),
    d: series(),
  };
  const places = placesOf(dagRunId, inputsOf(references));
  expect(places).toHaveLength(6);
  expect(distinctPlaces(places)).toHaveLength(3);
});

test('an element that functions are to change stays whole', () => {
  const inputs = inputsOf({ '': literal('3') });
  const values = valuesOf([]);
  const composed = composeInputs('{"a":1}', { dagRunId, inputs, values, isElementChanged: true });
  expect(composed).toEqual({ kind: 'composed', inputsJson: '{"a":1,"":3}' });
});
