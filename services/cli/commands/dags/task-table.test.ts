// The table of a DAG's tasks: labels of edges, and what is special in a task.
import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { DagSpecSchema, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { taskColumns, tasksInOrder } from './task-table.ts';

const spec = create(DagSpecSchema, {
  tasks: [
    { taskId: 'clean', upstreamTaskIds: ['make', 'files.read'], isTeardown: true },
    { taskId: 'files.read', upstreamTaskIds: ['make'], taskGroupId: 'files.inner' },
    { taskId: 'make', isSetup: true, triggerRule: TriggerRule.ONE_FAILED },
  ],
  taskGroups: [
    { groupId: 'files', mapping: {} },
    { groupId: 'files.inner', parentGroupId: 'files' },
  ],
  edgeLabels: [{ upstreamTaskId: 'make', downstreamTaskId: 'files.read', label: 'new files' }],
});

function columnOf(title: string): readonly string[] {
  const column = taskColumns(spec).find((one) => one.title === title);
  return tasksInOrder(spec).map((task) => column?.cell(task) ?? 'no such column');
}

it('tasks stand below those they wait for', () => {
  expect(columnOf('task_id')).toEqual(['make', 'files.read', 'clean']);
});

it('an edge shows its label', () => {
  expect(columnOf('waits for')).toEqual(['', 'make (new files)', 'make, files.read']);
});

it('what is not as in every task is told: its rule, its role, its mapping by a group', () => {
  expect(columnOf('special')).toEqual(['one_failed, setup', 'mapped', 'teardown']);
});
