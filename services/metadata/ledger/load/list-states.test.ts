// What other DAGs' tasks and triggers learn of the states they wait for.
import { beforeAll, expect, test } from 'vitest';
import { DagRunState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { aRun, aTaskInstance, storeDag } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

const day = (n: number) => toTimestamp(Date.UTC(2026, 0, n));
const task = (taskId: string, taskGroupId = '') => ({
  taskId,
  taskGroupId,
  queue: 'default',
  pool: 'default_pool',
});

beforeAll(async () => {
  const taskGroups = [{ groupId: 'g' }, { groupId: 'g.h', parentGroupId: 'g' }];
  const tasks = [task('a', 'g'), task('b', 'g.h'), task('c')];
  const old = await storeDag(metadata, { dagId: 'waited', taskGroups, tasks });
  const moved = [task('a'), task('b', 'g.h'), task('c')];
  const now = await storeDag(metadata, { dagId: 'waited', taskGroups, tasks: moved });
  const first = aRun({ dagId: 'waited', runId: 'r1', dagVersionId: old, logicalDate: day(1) });
  const second = aRun({ dagId: 'waited', runId: 'r2', dagVersionId: now, logicalDate: day(2) });
  const instancesOf = (dagRunId: string) =>
    ['a', 'b', 'c'].map((taskId) =>
      aTaskInstance({ dagRunId, taskId, state: TaskInstanceState.SUCCESS, endDate: day(3) }),
    );
  await scheduler.commit(
    {
      newRuns: [first, { ...second, state: DagRunState.SUCCESS }],
      newTaskInstances: [...instancesOf(first.id), ...instancesOf(second.id)],
    },
    'waited',
  );
});
const list = async (request: object) => {
  const client = metadata.as('triggerer', LedgerService);
  const { runs, taskInstances } = await client.listStates({ dagId: 'waited', ...request });
  return {
    runs: runs.map((run) => run.runId),
    tasks: taskInstances.map(({ runId, taskId }) => `${runId} ${taskId}`),
    taskInstances,
  };
};

test('runs are found by their id or their dates, those that do not exist are left out', async () => {
  expect(await list({ runId: 'r2' })).toMatchObject({ runs: ['r2'], tasks: [] });
  expect(await list({ logicalDates: [day(1), day(2), day(7)] })).toMatchObject({
    runs: ['r1', 'r2'],
  });
  expect(await list({ runId: 'unknown' })).toMatchObject({ runs: [] });
});

test('tasks come with their state and without dates', async () => {
  const { taskInstances } = await list({ runId: 'r1', taskIds: ['c', 'unknown'] });
  expect(taskInstances).toMatchObject([
    { dagId: 'waited', runId: 'r1', taskId: 'c', state: TaskInstanceState.SUCCESS },
  ]);
  expect(taskInstances[0]?.endDate).toBeUndefined();
});

test('a group means the tasks it has in the version of each run', async () => {
  const { tasks } = await list({ logicalDates: [day(1), day(2)], taskGroupId: 'g' });
  expect(tasks.toSorted()).toEqual(['r1 a', 'r1 b', 'r2 b']);
});

test('a group that does not exist has no tasks', async () => {
  expect(await list({ runId: 'r1', taskGroupId: 'x' })).toMatchObject({ runs: ['r1'], tasks: [] });
});
