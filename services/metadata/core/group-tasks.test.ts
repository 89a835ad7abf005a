// Which tasks a group holds.
import { expect, test } from 'vitest';
import { aDag } from '../testing/builders.ts';
import { tasksOfGroup } from './group-tasks.ts';

const task = (taskId: string, taskGroupId: string) => ({ taskId, taskGroupId });
const spec = aDag({
  taskGroups: [
    { groupId: 'outer' },
    { groupId: 'outer.inner', parentGroupId: 'outer' },
    { groupId: 'outer.inner.core', parentGroupId: 'outer.inner' },
    { groupId: 'other' },
  ],
  tasks: [
    task('outer.inner.core.a', 'outer.inner.core'),
    task('b', 'outer'),
    task('c', 'other'),
    task('d', ''),
  ],
});

test('a group holds its tasks and those of all groups inside it', () => {
  expect(tasksOfGroup(spec, 'outer')).toEqual(['outer.inner.core.a', 'b']);
  expect(tasksOfGroup(spec, 'outer.inner')).toEqual(['outer.inner.core.a']);
});

test('a group that the version does not have is not an empty one', () => {
  expect(tasksOfGroup(spec, 'unknown')).toBeUndefined();
  expect(tasksOfGroup(aDag({ taskGroups: [{ groupId: 'empty' }] }), 'empty')).toEqual([]);
});
