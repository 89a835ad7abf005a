// How many triggers ask about one DAG at once, when that is more than one answer takes.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ExternalTaskTriggerSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import {
  DagRunSchema,
  DagRunState,
  TaskInstanceSchema,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type ListStatesRequest,
  ListStatesResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import { judgeStates } from '../core/external-states.ts';
import { askStates } from './external-task.ts';

const INSTANCES_MAX = 100;
const never = new AbortController().signal;

/** A ledger with one run whose tasks have so many instances each, all of them successful. */
function aLedger(instancesOf: (taskId: string) => number) {
  const run = create(DagRunSchema, { id: 'r1', runId: 'daily', state: DagRunState.RUNNING });
  const asked: number[] = [];
  const listStates = async ({ taskIds = [] }: Partial<ListStatesRequest>) => {
    asked.push(taskIds.length);
    const taskInstances = taskIds.flatMap((taskId) =>
      Array.from({ length: instancesOf(taskId) }, (_, mapIndex) =>
        create(TaskInstanceSchema, {
          dagRunId: 'r1',
          taskId,
          mapIndex,
          state: TaskInstanceState.SUCCESS,
        }),
      ),
    );
    if (taskInstances.length > INSTANCES_MAX) throw fail('limit_reached', 'these are too many');
    return create(ListStatesResponseSchema, { runs: [run], taskInstances });
  };
  return { asked, ask: askStates({ listStates } as unknown as Parameters<typeof askStates>[0]) };
}

const waitFor = (...taskIds: string[]) =>
  create(ExternalTaskTriggerSchema, { dagId: 'other', runId: 'daily', taskIds });

const [first, ...rest] = Array.from({ length: 50 }, (_, index) => waitFor(`t${index}`));
const waits = [first ?? waitFor('t0'), ...rest] as const;

describe('waits for one run', () => {
  it('that are too many for one answer are answered all the same', async () => {
    const { ask } = aLedger(() => 30);
    const states = await ask(waits, never);
    expect(new Set(waits.map((wait) => judgeStates(wait, states)?.kind))).toEqual(
      new Set(['fired']),
    );
  });

  it('go on when the task of one is too much for any answer: that one fails', async () => {
    const { ask } = aLedger((taskId) => (taskId === 't7' ? INSTANCES_MAX + 1 : 1));
    const states = await ask(waits, never);
    const failed = waits.filter((wait) => judgeStates(wait, states)?.kind === 'failed');
    expect(failed.map(({ taskIds }) => taskIds)).toEqual([['t7']]);
  });

  it('of no task ask once', async () => {
    const { ask, asked } = aLedger(() => 1);
    expect(judgeStates(waitFor(), await ask([waitFor()], never))).toBeUndefined();
    expect(asked).toEqual([0]);
  });

  it('of a group that is too much fail', async () => {
    const ask = askStates({
      listStates: async () => {
        throw fail('limit_reached', 'these are too many');
      },
    });
    const group = create(ExternalTaskTriggerSchema, { dagId: 'other', taskGroupId: 'load' });
    expect(await ask([group], never).catch(reasonOf)).toBe('limit_reached');
  });
});
