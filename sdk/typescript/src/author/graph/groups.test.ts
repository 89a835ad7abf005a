// Groups of tasks: ids, edges at their roots and leaves, default arguments, mapping as a whole.
import { expect, test } from 'vitest';
import { chain, type DagBuilder, type Task, type TaskGroup } from '../../index.ts';
import { declared, refusal, taskOf, upstreamOf } from '../../testkit/declared.ts';

test('tasks and groups in a group have its id before theirs', () => {
  const spec = declared((d) => {
    d.group('outer', { tooltip: 'all of it', displayName: 'Outer' }, (outer) => {
      outer.emptyTask('a');
      outer.group('inner', (inner) => void inner.emptyTask('b'));
      outer.group('bare', { prefixGroupId: false }, (bare) => {
        bare.emptyTask('c');
        bare.group('deep', (deep) => void deep.emptyTask('d'));
      });
    });
  });
  expect(spec.tasks.map(({ taskId, taskGroupId }) => [taskId, taskGroupId])).toEqual([
    ['outer.a', 'outer'],
    ['outer.inner.b', 'outer.inner'],
    ['c', 'outer.bare'],
    ['deep.d', 'deep'],
  ]);
  expect(spec.taskGroups.map((group) => [group.groupId, group.parentGroupId])).toEqual([
    ['outer', ''],
    ['outer.inner', 'outer'],
    ['outer.bare', 'outer'],
    ['deep', 'outer.bare'],
  ]);
  expect(spec.taskGroups[0]).toMatchObject({
    hasPrefix: true,
    tooltip: 'all of it',
    displayName: 'Outer',
  });
});

test('edges of a group attach to its roots and leaves', () => {
  const spec = declared((d) => {
    const before = d.emptyTask('before');
    const group = d.group('g', (g) => {
      const [a, b, c] = [g.emptyTask('a'), g.emptyTask('b'), g.emptyTask('c')];
      chain(a, c);
      b.downstream(c);
      g.emptyTask('alone');
    });
    chain(before, group, d.emptyTask('after'));
  });
  expect(upstreamOf(spec, 'g.a')).toEqual(['before']);
  expect(upstreamOf(spec, 'g.b')).toEqual(['before']);
  expect(upstreamOf(spec, 'g.c')).toEqual(['g.a', 'g.b']);
  expect(upstreamOf(spec, 'after')).toEqual(['g.alone', 'g.c']);
});

test('two groups are connected leaf by root, and a group inside one counts as part of it', () => {
  const spec = declared((d) => {
    const fill = (g: DagBuilder) => {
      const inner = g.group('in', (i) => void i.emptyTask('x'));
      inner.downstream(g.emptyTask('y'));
    };
    d.group('one', fill).downstream(d.group('two', fill));
  });
  expect(upstreamOf(spec, 'two.in.x')).toEqual(['one.y']);
  expect(upstreamOf(spec, 'two.y')).toEqual(['two.in.x']);
});

test('what comes after a group does not wait for its teardowns', () => {
  const spec = declared((d) => {
    const group = d.group('g', (g) => {
      const [s, w] = [g.emptyTask('s'), g.emptyTask('w')];
      const t = g.emptyTask('t').asTeardown({ setups: s });
      chain(s, w, t);
    });
    group.downstream(d.emptyTask('after'));
  });
  expect(upstreamOf(spec, 'after')).toEqual(['g.w']);
});

test('a teardown between two tasks of a group hides no leaf', () => {
  const spec = declared((d) => {
    const group = d.group('g', (g) => {
      const [s, w1, w2] = [g.emptyTask('s'), g.emptyTask('w1'), g.emptyTask('w2')];
      chain(s, w1, g.emptyTask('t').asTeardown({ setups: s }), w2);
    });
    group.downstream(d.emptyTask('after'));
  });
  expect(upstreamOf(spec, 'after')).toEqual(['g.w2']);
});

test('default arguments of a group go before those of the DAG, and after those of the task', () => {
  const spec = declared(
    (d) => {
      d.group('g', { defaultArgs: { retries: 2, pool: 'slow' } }, (g) => {
        g.emptyTask('a');
        g.emptyTask('b', { retries: 3 });
      });
      d.emptyTask('c');
    },
    { defaultArgs: { retries: 1, queue: 'big' } },
  );
  const said = (id: string) => {
    const { retry, pool, queue } = taskOf(spec, id);
    return [retry?.retries, pool, queue];
  };
  expect(said('g.a')).toEqual([2, 'slow', 'big']);
  expect(said('g.b')).toEqual([3, 'slow', 'big']);
  expect(said('c')).toEqual([1, 'default_pool', 'big']);
});

test('the roots of a mapped group wait for what it is mapped over', () => {
  const spec = declared((d) => {
    const list = d.task('list', () => ['a', 'b']);
    d.group('g', { expand: { file: list.output, part: [1, 2] } }, (g, { file, part }) => {
      const read = g.task('read', { inputs: { file, part } }, ({ inputs }) => inputs.file.length);
      g.task('write', { inputs: { size: read.output } }, ({ inputs }) => inputs.size);
    });
  });
  expect(upstreamOf(spec, 'g.read')).toEqual(['list']);
  expect(upstreamOf(spec, 'g.write')).toEqual(['g.read']);
  expect(taskOf(spec, 'g.read').inputs).toMatchObject([
    { name: 'file', source: { case: 'groupArgument', value: { groupId: 'g', name: 'file' } } },
    { name: 'part', source: { case: 'groupArgument', value: { groupId: 'g', name: 'part' } } },
  ]);
  expect(spec.taskGroups[0]?.mapping?.kind).toMatchObject({
    case: 'product',
    value: { arguments: [{ name: 'file' }, { name: 'part' }] },
  });
});

test('a group is mapped over keyword arguments whose fields are not known yet', () => {
  const spec = declared((d) => {
    const jobs = d.task('jobs', () => [{ id: 1, name: 'x' }]);
    d.group('g', { expandKwargs: jobs.output }, (g, { id, name }) => {
      g.task('run', { inputs: { id, name } }, ({ inputs }) => `${inputs.id}${inputs.name}`);
    });
  });
  expect(spec.taskGroups[0]?.mapping?.kind).toMatchObject({
    case: 'kwargs',
    value: { kind: { case: 'taskId', value: 'jobs' } },
  });
  expect(taskOf(spec, 'g.run').inputs.map(({ name }) => name)).toEqual(['id', 'name']);
});

test('an id is that of one task or group', () => {
  const words = 'already has a group "g"; give this one another id';
  expect(
    refusal((d) => {
      d.group('g', () => undefined);
      d.group('g', () => undefined);
    }),
  ).toContain(words);
  expect(
    refusal((d) => {
      d.group('g', () => undefined);
      d.emptyTask('g');
    }),
  ).toContain(words);
  expect(
    refusal((d) => {
      d.emptyTask('g');
      d.group('g', () => undefined);
    }),
  ).toContain('already has a task "g" (declared at groups.test.ts:');
});

test('a group and what is in it cannot wait for each other', () => {
  let inside: Task | undefined;
  const build = (d: DagBuilder) => {
    const group = d.group('g', (g) => {
      inside = g.emptyTask('a');
    });
    if (inside !== undefined) group.downstream(inside);
  };
  expect(refusal(build)).toContain('task "g.a" is in group "g"; there is no edge between them');
});

test('an argument of a mapped group is for the tasks in it', () => {
  const words = refusal((d) => {
    d.group('g', { expand: { x: [1] } }, (_, { x }) => {
      d.task('outside', { inputs: { x } }, () => 1);
    });
  });
  expect(words).toContain('only tasks in the group can');
});

test('nothing is added to a group once its DAG is complete', () => {
  let group: TaskGroup | undefined;
  let builder: DagBuilder | undefined;
  declared((d) => {
    group = d.group('g', (g) => {
      builder = g;
      g.emptyTask('a');
    });
    d.emptyTask('b');
  });
  expect(() => builder?.emptyTask('late')).toThrow(
    'DAG "a_dag" is complete; declare task "g.late"',
  );
  expect(group?.groupId).toBe('g');
});
