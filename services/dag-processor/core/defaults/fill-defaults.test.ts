// What is filled in, which edges that makes, and that the same DAG has the same bytes every time.
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { DagSpecSchema, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { MappingSpecSchema } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import { fillDefaults } from './fill-defaults.ts';

type DagInit = MessageInitShape<typeof DagSpecSchema>;

function filled(fields: DagInit) {
  return fillDefaults(create(DagSpecSchema, { dagId: 'x', ...fields }));
}

function over(taskId: string): MessageInitShape<typeof MappingSpecSchema> {
  const source = { kind: { case: 'taskId' as const, value: taskId } };
  return { kind: { case: 'product', value: { arguments: [{ name: 'a', source }] } } };
}

const edgesOf = (dag: ReturnType<typeof filled>) =>
  Object.fromEntries(dag.tasks.map(({ taskId, upstreamTaskIds }) => [taskId, upstreamTaskIds]));

describe('edges that nobody wrote', () => {
  test('a task waits for what it is mapped over', () => {
    const dag = filled({ tasks: [{ taskId: 'a' }, { taskId: 'b', mapping: over('a') }] });
    expect(edgesOf(dag)).toEqual({ a: [], b: ['a'] });
  });

  test('the first tasks of a mapped group wait for what it is mapped over, those behind do not', () => {
    const dag = filled({
      taskGroups: [
        { groupId: 'g', mapping: over('a') },
        { groupId: 'g.h', parentGroupId: 'g' },
      ],
      tasks: [
        { taskId: 'a' },
        { taskId: 'outside' },
        { taskId: 'first', taskGroupId: 'g', upstreamTaskIds: ['outside'] },
        { taskId: 'deep', taskGroupId: 'g.h' },
        { taskId: 'behind', taskGroupId: 'g', upstreamTaskIds: ['deep'] },
      ],
    });
    expect(edgesOf(dag)).toEqual({
      ...{ a: [], outside: [], first: ['a', 'outside'], deep: ['a'], behind: ['deep'] },
    });
  });
});

describe('defaults', () => {
  test('a teardown has the rule of teardowns', () => {
    const dag = filled({ tasks: [{ taskId: 'a' }, { taskId: 'b', isTeardown: true }] });
    expect(dag.tasks.map(({ triggerRule }) => triggerRule)).toEqual([
      TriggerRule.ALL_SUCCESS,
      TriggerRule.ALL_DONE_SETUP_SUCCESS,
    ]);
  });

  test('who waits for downstream depends on the past', () => {
    expect(filled({ tasks: [{ taskId: 'a', waitForDownstream: true }] }).tasks[0]).toMatchObject({
      dependsOnPast: true,
    });
  });

  test('a continuous DAG has one active run', () => {
    const dag = filled({ timetable: { kind: { case: 'continuous', value: {} } } });
    expect(dag.activeRunsMax).toBe(1);
  });

  test('deadlines have a name, and callbacks of deadlines an event', () => {
    const interval = { seconds: 60n };
    const callback = { action: { case: 'handler' as const, value: 'h' } };
    const dag = filled({
      deadlines: [
        { reference: { case: 'averageRuntime', value: {} }, interval, callback },
        { reference: { case: 'queuedAt', value: {} }, interval },
      ],
    });
    expect(dag.deadlines).toMatchObject([
      {
        name: '0',
        reference: { value: { runsMax: 10, runsMin: 10 } },
        callback: { event: CallbackEvent.FAILURE },
      },
      { name: '1' },
    ]);
  });

  test('assets that are named somewhere are declared, and found by their URI', () => {
    const asset = (name: string, uri = '') => ({
      kind: { case: 'asset' as const, value: { name, uri } },
    });
    const dag = filled({
      assets: [{ name: 'known', uri: 's3://known' }],
      timetable: { kind: { case: 'asset', value: { condition: asset('waited') } } },
      tasks: [
        {
          taskId: 'a',
          inlets: [asset('', 's3://known'), asset('', 's3://elsewhere')],
          outlets: [asset('made', 's3://made')],
        },
      ],
    });
    expect(dag.assets.map(({ name, uri }) => [name, uri])).toEqual([
      ['known', 's3://known'],
      ['made', 's3://made'],
      ['waited', ''],
    ]);
    expect(dag.tasks[0]?.inlets).toMatchObject([
      { kind: { value: { name: '', uri: 's3://elsewhere' } } },
      { kind: { value: { name: 'known' } } },
    ]);
  });
});

describe('the same DAG has the same bytes', () => {
  const dag = (isTurned: boolean): DagInit => {
    const inOrder = <T>(...values: T[]) => (isTurned ? values.reverse() : values);
    return {
      tags: inOrder('x', 'y'),
      assets: inOrder({ name: 'm' }, { name: 'n' }),
      keyLimits: inOrder({ key: 'p', activeMax: 1 }, { key: 'q', activeMax: 1 }),
      tasks: [
        { taskId: 'a' },
        { taskId: 'b' },
        {
          taskId: 'c',
          upstreamTaskIds: inOrder('a', 'b'),
          limitKeys: inOrder('p', 'q'),
          outlets: inOrder(
            { kind: { case: 'asset' as const, value: { name: 'm' } } },
            { kind: { case: 'asset' as const, value: { name: 'n' } } },
          ),
          trigger: {
            kind: {
              case: 'http',
              value: {
                url: 'http://x',
                headers: Object.fromEntries(inOrder(['h', '1'], ['i', '2'])),
              },
            },
          },
        },
      ],
    };
  };

  test('in whatever order a set was walked', () => {
    const [one, other] = [false, true].map((isTurned) =>
      toBinary(DagSpecSchema, filled(dag(isTurned))),
    );
    expect(one).toEqual(other);
  });

  test('and filling it in again changes nothing', () => {
    const once = filled(dag(false));
    expect(fillDefaults(once)).toEqual(once);
  });

  test('and groups come after those around them, else in the order of the file', () => {
    const groups = ['g.a', 'g', 'f', 'g.b'].map((groupId) => ({
      groupId,
      parentGroupId: groupId.startsWith('g.') ? 'g' : '',
    }));
    const { taskGroups } = filled({ taskGroups: groups });
    expect(taskGroups.map(({ groupId }) => groupId)).toEqual(['g', 'f', 'g.a', 'g.b']);
  });
});
