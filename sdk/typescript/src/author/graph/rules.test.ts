// Setups and teardowns, labels and chains, and the rules that only a whole DAG can break.
import { expect, test } from 'vitest';
import { chain, chainLinear, type DagBuilder, type DagOptions, label } from '../../index.ts';
import { declared, refusal, taskOf, upstreamOf } from '../../testkit/declared.ts';

test('a teardown runs after its setups, by a rule of its own', () => {
  const spec = declared((d) => {
    const [s, w] = [d.emptyTask('s'), d.emptyTask('w')];
    const t = d.emptyTask('t').asTeardown({ setups: s, onFailureFailDagrun: true });
    chain(s, w, t);
  });
  expect(taskOf(spec, 's')).toMatchObject({ isSetup: true, isTeardown: false, triggerRule: 1 });
  expect(taskOf(spec, 'w')).toMatchObject({ isSetup: false, isTeardown: false });
  expect(taskOf(spec, 't')).toMatchObject({
    isTeardown: true,
    onFailureFailDagrun: true,
    triggerRule: 5,
  });
  expect(upstreamOf(spec, 't')).toEqual(['s', 'w']);
});

test('the scope of a teardown puts tasks between it and its setups', () => {
  const spec = declared((d) => {
    const setups = [d.emptyTask('s1').asSetup(), d.emptyTask('s2')];
    const t = d.emptyTask('t').asTeardown({ setups });
    d.scope(t, () => {
      chain(d.emptyTask('a'), d.emptyTask('b'));
      d.group('g', (g) => void g.emptyTask('c'));
    });
    d.emptyTask('outside');
  });
  expect(upstreamOf(spec, 'a')).toEqual(['s1', 's2']);
  expect(upstreamOf(spec, 'b')).toEqual(['a']);
  expect(upstreamOf(spec, 'g.c')).toEqual(['s1', 's2']);
  expect(upstreamOf(spec, 't')).toEqual(['b', 'g.c', 's1', 's2']);
  expect(upstreamOf(spec, 'outside')).toEqual([]);
});

test.each<[string, (d: DagBuilder) => void, DagOptions, string]>([
  [
    'a teardown with a rule',
    (d) => d.emptyTask('t', { triggerRule: 'all_done' }).asTeardown(),
    {},
    'that of a teardown is always all_done_setup_success',
  ],
  [
    'a task of two roles',
    (d) => d.emptyTask('t').asSetup().asTeardown(),
    {},
    'cannot be a setup and a teardown',
  ],
  [
    'a scope without teardown',
    (d) => d.scope(d.emptyTask('t'), () => undefined),
    {},
    'the scope of task "t" means nothing',
  ],
  [
    'another rule after a setup',
    (d) =>
      d
        .emptyTask('s')
        .asSetup()
        .downstream(d.emptyTask('w', { triggerRule: 'all_done' })),
    {},
    'task "w" has the trigger rule all_done, but directly downstream of the setup "s"',
  ],
  [
    'the rule of teardowns without one',
    (d) => d.emptyTask('t', { triggerRule: 'all_done_setup_success' }),
    {},
    'which only teardowns get',
  ],
  [
    'another rule with failFast',
    (d) => d.emptyTask('t', { triggerRule: 'one_success' }),
    { failFast: true },
    'but in a DAG with failFast every rule is all_success',
  ],
  [
    'a mapped task that waits for nothing',
    (d) => {
      const list = d.task('list', () => [1]);
      d.partial('t', { triggerRule: 'always' }, () => 1).expand({ x: list.output });
    },
    {},
    'it must wait for the result that it is mapped over',
  ],
  [
    'a task that waits for nothing in a mapped group',
    (d) => {
      const list = d.task('list', () => [1]);
      d.group(
        'g',
        { expand: { x: list.output } },
        (g) => void g.group('in', (i) => void i.emptyTask('t', { triggerRule: 'always' })),
      );
    },
    {},
    'that its group "g" is mapped over',
  ],
  [
    'a limit key that nobody limits',
    (d) => d.emptyTask('t', { limitKeys: ['api'] }),
    { keyLimits: { other: { maxActive: 1 } } },
    'has the limit key "api", which keyLimits of its DAG does not name',
  ],
])('%s is refused at its line', (_, build, options, words) => {
  const message = refusal(build, options);
  expect(message).toContain(words);
  expect(message).toMatch(/^rules\.test\.ts:\d+: /);
});

test('what waits for nothing may be mapped over a literal, or be in a DAG with teardowns', () => {
  const spec = declared(
    (d) => {
      d.emptyTask('t').asTeardown({ setups: d.emptyTask('s') });
    },
    { failFast: true },
  );
  expect(spec.failFast).toBe(true);
  declared((d) => void d.partial('t', { triggerRule: 'always' }, () => 1).expand({ x: [1] }));
});

test('labels stand on the edges between their neighbours', () => {
  const spec = declared((d) => {
    const [check, good, bad] = [d.emptyTask('check'), d.emptyTask('good'), d.emptyTask('bad')];
    chain(check, label('all well'), good);
    chain(check, label('errors'), [bad, d.emptyTask('alarm')], d.emptyTask('end'));
  });
  const edges = spec.edgeLabels.map((edge) => [
    edge.upstreamTaskId,
    edge.label,
    edge.downstreamTaskId,
  ]);
  expect(edges).toEqual([
    ['check', 'all well', 'good'],
    ['check', 'errors', 'bad'],
    ['check', 'errors', 'alarm'],
  ]);
  expect(upstreamOf(spec, 'end')).toEqual(['alarm', 'bad']);
});

test('a label at the end of a chain, or beside another, is refused', () => {
  const ends = refusal((d) => chain(d.emptyTask('a'), label('x')));
  expect(ends).toContain('the label "x" must stand between two tasks');
  const twice = refusal((d) => chain(d.emptyTask('a'), label('x'), label('y'), d.emptyTask('b')));
  expect(twice).toContain('the label "y" must stand between two tasks');
});

test('chainLinear connects every node of a list with every node of the next', () => {
  const spec = declared((d) => {
    const [a, b, c, e, f] = ['a', 'b', 'c', 'e', 'f'].map((id) => d.emptyTask(id)) as [
      ReturnType<DagBuilder['emptyTask']>,
      ...ReturnType<DagBuilder['emptyTask']>[],
    ];
    if (b && c && e && f) chainLinear(a, [b, c], [e, f, d.emptyTask('g')]);
  });
  expect(upstreamOf(spec, 'c')).toEqual(['a']);
  for (const id of ['e', 'f', 'g']) expect(upstreamOf(spec, id)).toEqual(['b', 'c']);
  expect(refusal((d) => chainLinear(d.emptyTask('a'), []))).toContain('at least two tasks');
});
