// Mapped tasks: what they can be mapped over, in which form it leaves the file, what is refused.
import { toJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { MappingSpecSchema } from '../../gen/dagmesh/dag/v1/mapping_pb.ts';
import {
  type DagBuilder,
  type DagSpec,
  dag,
  sensor,
  type Task,
  type TaskContext,
  task,
  toDagSpec,
} from '../../index.ts';
import { declared, refusal, taskOf, upstreamOf } from '../../testkit/declared.ts';

function mappingOf(spec: DagSpec, taskId: string): unknown {
  const { mapping } = taskOf(spec, taskId);
  return mapping === undefined ? undefined : toJson(MappingSpecSchema, mapping);
}

test('a task is expanded over lists, objects and what a task returned', () => {
  const spec = declared((d) => {
    const files = d.task('files', () => ['a', 'b']);
    d.partial(
      'load',
      { inputs: { table: 't' }, mapIndexTemplate: '{{ file }}' },
      ({ inputs }: TaskContext<{ table: string; file: string; n: number }>) => inputs.file,
    ).expand({ file: files.output, n: [1, 2], pair: { x: 1 } } as never);
  });
  expect(mappingOf(spec, 'load')).toEqual({
    product: {
      arguments: [
        { name: 'file', source: { taskId: 'files' } },
        { name: 'n', source: { valueJson: '[1,2]' } },
        { name: 'pair', source: { valueJson: '{"x":1}' } },
      ],
    },
  });
  expect(upstreamOf(spec, 'load')).toEqual(['files']);
  expect(taskOf(spec, 'load')).toMatchObject({
    mapIndexTemplate: '{{ file }}',
    inputs: [{ name: 'table', source: { case: 'valueJson', value: '"t"' } }],
  });
});

test('a task is expanded over keyword arguments', () => {
  const spec = declared((d) => {
    const rows = d.task('rows', () => [{ a: 1, b: 2 }]);
    const add = ({ inputs }: TaskContext<{ a: number; b: number }>) => inputs.a + inputs.b;
    d.partial('of_task', {}, add).expandKwargs(rows.output);
    d.partial('of_list', {}, add).expandKwargs([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
  });
  expect(mappingOf(spec, 'of_task')).toEqual({ kwargs: { taskId: 'rows' } });
  expect(mappingOf(spec, 'of_list')).toEqual({
    kwargs: { valueJson: '[{"a":1,"b":2},{"a":3,"b":4}]' },
  });
});

test('elements are changed, zipped and put one after the other', () => {
  const spec = declared((d) => {
    const numbers = d.task('numbers', () => [1, 2, 3]);
    const words = d.task('words', () => ['x', 'y']);
    const doubled = numbers.output.map((n) => n * 2);
    const pairs = doubled.zip(words.output).map(([n, word]) => `${word}${n}`);
    const take = ({ inputs }: TaskContext<{ v: unknown }>) => inputs.v;
    d.partial('zipped', {}, take).expand({ v: pairs });
    d.partial('longest', {}, take).expand({ v: numbers.output.zipLongest(null, words.output) });
    d.partial('both', {}, take).expand({ v: numbers.output.concat(words.output, [true]) });
  });
  expect(mappingOf(spec, 'zipped')).toEqual({
    product: {
      arguments: [
        {
          name: 'v',
          source: {
            map: {
              handler: 'a_dag.ts:a_dag#map_2',
              source: {
                zip: {
                  sources: [
                    {
                      map: { handler: 'a_dag.ts:a_dag#map_1', source: { taskId: 'numbers' } },
                    },
                    { taskId: 'words' },
                  ],
                },
              },
            },
          },
        },
      ],
    },
  });
  expect(mappingOf(spec, 'longest')).toMatchObject({
    product: { arguments: [{ source: { zip: { fillJson: 'null' } } }] },
  });
  expect(mappingOf(spec, 'both')).toMatchObject({
    product: {
      arguments: [
        {
          source: {
            concat: {
              sources: [{ taskId: 'numbers' }, { taskId: 'words' }, { valueJson: '[true]' }],
            },
          },
        },
      ],
    },
  });
  for (const id of ['zipped', 'longest', 'both']) {
    expect(upstreamOf(spec, id)).toEqual(['numbers', 'words']);
  }
});

test('an exported function that changes elements is found under its own name', () => {
  const shout = (word: string) => word.toUpperCase();
  const made = dag('named', {}, (d) => {
    const words = d.task('words', () => ['a']);
    d.partial('say', {}, ({ inputs }: TaskContext<{ w: string }>) => inputs.w).expand({
      w: words.output.map(shout),
    });
  });
  const spec = toDagSpec(made, { file: 'named.ts', exports: { shout } });
  expect(mappingOf(spec, 'say')).toMatchObject({
    product: { arguments: [{ source: { map: { handler: 'named.ts:shout' } } }] },
  });
});

test('templates, tasks of other workers and sensors are expanded alike', () => {
  const template = task('t', ({ inputs }: TaskContext<{ n: number }>) => inputs.n);
  const spec = declared((d) => {
    const over = { n: [1, 2] };
    d.partial(template, { taskId: 'of_template' }).expand(over);
    d.partial('remote', { queue: 'python', handler: 'x.py:f' }).expand(over);
    d.partial(
      'wait',
      {},
      sensor(({ inputs }: TaskContext<{ n: number }>) => inputs.n > 0, { softFail: true }),
    ).expand(over);
  });
  expect(spec.tasks.map(({ taskId, handler }) => [taskId, handler])).toEqual([
    ['of_template', 'a_dag.ts:a_dag.of_template'],
    ['remote', 'x.py:f'],
    ['wait', 'a_dag.ts:a_dag.wait'],
  ]);
  expect(spec.tasks.every(({ mapping }) => mapping !== undefined)).toBe(true);
  expect(taskOf(spec, 'wait').isSoftFail).toBe(true);
});

const take = ({ inputs }: TaskContext<{ x: unknown }>) => inputs.x;

test.each<[string, (d: DagBuilder) => void, string]>([
  [
    'the same argument twice',
    (d) => d.partial('t', { inputs: { x: 1 } }, take).expand({ x: [1] } as never),
    'gets the argument "x" both from its inputs and from its expansion',
  ],
  [
    'the same argument in an element',
    (d) => d.partial('t', { inputs: { x: 1 } }, take).expandKwargs([{ x: 2 }] as never),
    'gets the argument "x" both from its inputs and from its expansion',
  ],
  ['nothing', (d) => d.partial('t', {}, take).expand({}), 'is expanded over nothing'],
  [
    'a set',
    (d) => d.partial('t', {}, take).expand({ x: new Set([1]) } as never),
    'a Set cannot be',
  ],
  ['a function', (d) => d.partial('t', {}, take).expand({ x: (() => [1]) as never }), 'a function'],
  ['a text', (d) => d.partial('t', {}, take).expand({ x: 'abc' as never }), 'a string cannot be'],
  ['null', (d) => d.partial('t', {}, take).expand({ x: null as never }), 'null cannot be mapped'],
  [
    'elements JSON would lose',
    (d) => d.partial('t', {}, take).expand({ x: [new Map()] }),
    'is a Map, which JSON cannot say',
  ],
  [
    'a value under a key',
    (d) => {
      const rows = d.task('rows', () => 1);
      d.partial('t', {}, take).expand({ x: rows.xcom<number[]>('rows') });
    },
    'only what a task returns can',
  ],
  [
    'keyword arguments that are no list',
    (d) => d.partial('t', {}, take).expandKwargs({ x: 1 }),
    'arguments that are no list',
  ],
  [
    'keyword arguments that are no objects',
    (d) => d.partial('t', {}, take).expandKwargs([{ x: 1 }, 2] as never),
    'over element 1, which is no object',
  ],
  [
    'the argument of a group',
    (d) =>
      d.group('g', { expand: { x: [[1]] } }, (g, { x }) => {
        g.partial('t', {}, take).expand({ x: x as never });
      }),
    'an argument of a group cannot be mapped over',
  ],
])('a task cannot be expanded over %s', (_, build, words) => {
  expect(refusal(build)).toContain(words);
});

test('mapping stays within one DAG', () => {
  let stranger: Task<readonly number[]> | undefined;
  dag('other', {}, (d) => {
    stranger = d.task('list', () => [1]);
  });
  const strange = stranger as unknown as Task<readonly number[]>;
  expect(refusal((d) => void d.partial('t', {}, take).expand({ x: strange.output }))).toContain(
    'cannot be mapped over task "list" of DAG "other"; mapping stays within one DAG',
  );
});

test('what is made for mapping is no plain input, nor part of one', () => {
  const asInput = refusal((d) => {
    const list = d.task('list', () => [1]);
    d.task('t', { inputs: { x: list.output.map((n) => n) } }, () => 1);
  });
  expect(asInput).toContain('which is only for mapping over; give it to expand()');
  const inside = refusal((d) => {
    const list = d.task('list', () => [1]);
    d.task('t', { inputs: { x: [list.output] } }, () => 1);
  });
  expect(inside).toContain('known only while the DAG runs; give it as an input of its own');
});
