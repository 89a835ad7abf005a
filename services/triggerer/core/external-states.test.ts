// When another DAG has done what is waited for, by Airflow's rules of its external task sensor.
import { describe, expect, it } from 'vitest';
import { DagRunState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type ExternalQuestion,
  type ExternalStates,
  externalStates,
  judgeStates,
} from './external-states.ts';

const { SUCCESS, FAILED, SKIPPED, RUNNING, UP_FOR_RETRY } = TaskInstanceState;

const question = (wanted: Partial<ExternalQuestion>): ExternalQuestion => ({
  dagId: 'other',
  runId: 'daily',
  logicalDates: [],
  taskIds: [],
  taskGroupId: '',
  allowedStates: [],
  failedStates: [],
  skippedStates: [],
  ...wanted,
});

const aRun = (id: string, state: DagRunState = DagRunState.RUNNING) => ({ id, runId: id, state });

const aTask = (
  taskId: string,
  state: TaskInstanceState,
  place: { run?: string; map?: number } = {},
) => ({
  dagRunId: place.run ?? 'daily',
  taskId,
  mapIndex: place.map ?? -1,
  state,
});

const states = (
  runs: Parameters<typeof externalStates>[0],
  ...instances: Parameters<typeof externalStates>[1]
) => externalStates(runs, instances);

const kindOf = (wanted: Partial<ExternalQuestion>, known: ExternalStates) =>
  judgeStates(question(wanted), known)?.kind;

describe('a run that is waited for', () => {
  it('must exist and be in an allowed state, which is success unless others are named', () => {
    expect(kindOf({}, states([]))).toBeUndefined();
    expect(kindOf({}, states([aRun('daily')]))).toBeUndefined();
    expect(kindOf({}, states([aRun('daily', DagRunState.SUCCESS)]))).toBe('fired');
    const either = { allowedStates: ['success', 'failed'] };
    expect(kindOf(either, states([aRun('daily', DagRunState.FAILED)]))).toBe('fired');
  });

  it('must be there for each date that is named', () => {
    const dates = question({}).logicalDates.concat([date(1n), date(2n)]);
    const done = DagRunState.SUCCESS;
    const both = { runId: '', logicalDates: dates };
    expect(kindOf(both, states([aRun('a', done)]))).toBeUndefined();
    expect(kindOf(both, states([aRun('a', done), aRun('b')]))).toBeUndefined();
    expect(kindOf(both, states([aRun('a', done), aRun('b', done)]))).toBe('fired');
  });
});

describe('tasks that are waited for', () => {
  const both = { taskIds: ['a', 'b'] };
  const run = [aRun('daily')];

  it('must all be in allowed states, whatever state their run is in', () => {
    expect(kindOf(both, states(run, aTask('a', SUCCESS)))).toBeUndefined();
    expect(kindOf(both, states(run, aTask('a', SUCCESS), aTask('b', RUNNING)))).toBeUndefined();
    expect(kindOf(both, states(run, aTask('a', SUCCESS), aTask('b', SUCCESS)))).toBe('fired');
  });

  it('are all their mapped instances', () => {
    const mapped = (second: TaskInstanceState) =>
      states(run, aTask('a', SUCCESS, { map: 0 }), aTask('a', second, { map: 1 }));
    expect(kindOf({ taskIds: ['a'] }, mapped(RUNNING))).toBeUndefined();
    expect(kindOf({ taskIds: ['a'] }, mapped(SUCCESS))).toBe('fired');
  });

  it('are not others that happen to be in the answer', () => {
    const known = states(run, aTask('a', SUCCESS), aTask('z', FAILED));
    expect(kindOf({ taskIds: ['a'], failedStates: ['failed'] }, known)).toBe('fired');
  });

  it('must be there in every run', () => {
    const dates = { runId: '', logicalDates: [date(1n), date(2n)], taskIds: ['a'] };
    const runs = [aRun('x'), aRun('y')];
    const first = aTask('a', SUCCESS, { run: 'x' });
    expect(kindOf(dates, states(runs, first))).toBeUndefined();
    expect(kindOf(dates, states(runs, first, aTask('a', SUCCESS, { run: 'y' })))).toBe('fired');
  });

  it('fail the wait with one in a failed state, before anything else is looked at', () => {
    const wanted = { ...both, failedStates: ['failed'], skippedStates: ['skipped'] };
    const known = states(run, aTask('a', SKIPPED), aTask('b', FAILED));
    expect(judgeStates(question(wanted), known)).toEqual({
      kind: 'failed',
      error: 'task b in run daily of DAG other is failed',
    });
  });

  it('skip the wait with one in a skipped state, although others are not done', () => {
    const wanted = { ...both, skippedStates: ['skipped'] };
    expect(kindOf(wanted, states(run, aTask('a', SKIPPED), aTask('b', RUNNING)))).toBe('skipped');
  });

  it('that nobody can be told of fail the waits for them, and no others', () => {
    const known = externalStates(run, [aTask('a', SUCCESS)], new Map([['b', 'too many']]));
    expect(kindOf({ taskIds: ['a'] }, known)).toBe('fired');
    expect(judgeStates(question(both), known)).toEqual({
      kind: 'failed',
      error: 'task b of DAG other: too many',
    });
  });

  it('may be waited for in states that are no end', () => {
    const wanted = { taskIds: ['a'], allowedStates: ['up_for_retry'] };
    expect(kindOf(wanted, states(run, aTask('a', UP_FOR_RETRY)))).toBe('fired');
  });
});

describe('a task group that is waited for', () => {
  it('is done when all its tasks are, and it has some', () => {
    const group = { taskGroupId: 'load' };
    const run = [aRun('daily')];
    expect(kindOf(group, states(run))).toBeUndefined();
    expect(kindOf(group, states(run, aTask('load.a', SUCCESS)))).toBe('fired');
    const half = states(run, aTask('load.a', SUCCESS), aTask('load.b', RUNNING));
    expect(kindOf(group, half)).toBeUndefined();
  });
});

function date(seconds: bigint): ExternalQuestion['logicalDates'][number] {
  return { $typeName: 'google.protobuf.Timestamp', seconds, nanos: 0 };
}
