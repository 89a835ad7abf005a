// Answers of people: what follows from them, from none in time, and from wrong ones.
import { describe, expect, test } from 'vitest';
import { HumanInputEffect } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { RetryAction, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { answer, mayAnswer, refuseAnswer } from './human-input.ts';
import { compileVersion } from '../graph/compile-version.ts';
import type { Run } from '../run/run.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { keepAgenda } from '../sweep.ts';
import { aWorld, instanceIn, type TaskInit, type World } from '../../testing/picture-world.ts';

const { AWAITING_INPUT, FAILED, NONE, QUEUED, SKIPPED, SUCCESS, UP_FOR_RETRY } = TaskInstanceState;
type Question = NonNullable<Extract<TaskInit, { readonly $typeName?: never }>['humanInput']>;

function asking(humanInput: Question, more: TaskInit = {}): World {
  return aWorld({
    tasks: [
      { taskId: 'ask', humanInput, ...more } as TaskInit,
      { taskId: 'yes', upstreamTaskIds: ['ask'] },
      { taskId: 'no', upstreamTaskIds: ['ask'] },
      { taskId: 'end', upstreamTaskIds: ['yes', 'no'], triggerRule: TriggerRule.NONE_FAILED },
    ],
  });
}

function choose(world: World, run: Run, ...chosenOptions: string[]): void {
  const instance = instanceIn(run, 'ask');
  world.decide((deciding) => answer(deciding, instance, { chosenOptions, respondedBy: 'me' }));
  world.commit();
}

function statesIn(run: Run): readonly TaskInstanceState[] {
  return ['ask', 'yes', 'no', 'end'].map((taskId) => instanceIn(run, taskId).state);
}

function pass(world: World, seconds: number): void {
  world.nowMs += seconds * 1_000;
  world.decide((deciding, moment) => keepAgenda(deciding, moment, 1_000));
  world.commit();
}

const approval = { subject: 'go on?', options: ['Approve', 'Reject'] };

describe('an approval', () => {
  test('lets the run go on', () => {
    const world = asking({ ...approval, effect: HumanInputEffect.APPROVAL });
    const run = world.run();
    expect(statesIn(run)).toEqual([AWAITING_INPUT, NONE, NONE, NONE]);
    expect(world.lease()).toEqual([]);
    choose(world, run, 'Approve');
    expect(statesIn(run)).toEqual([SUCCESS, QUEUED, QUEUED, NONE]);
  });

  test('that is refused skips everything downstream, whatever the rules there', () => {
    const world = asking({ ...approval, effect: HumanInputEffect.APPROVAL });
    const run = world.run();
    choose(world, run, 'Reject');
    expect(statesIn(run)).toEqual([SUCCESS, SKIPPED, SKIPPED, SKIPPED]);
    expect(run.state).toBe(DagRunState.SUCCESS);
  });

  test('that is refused fails the task when it says so, for no reason that time has', () => {
    const rules = [{ reasons: ['timeout'], action: RetryAction.FAIL }];
    const world = asking(
      { ...approval, effect: HumanInputEffect.APPROVAL_OR_FAIL },
      { retry: { retries: 1, rules } },
    );
    const run = world.run();
    choose(world, run, 'Reject');
    expect(statesIn(run)).toEqual([UP_FOR_RETRY, NONE, NONE, NONE]);
    pass(world, 3_600);
    expect(instanceIn(run, 'ask')).toMatchObject({ state: AWAITING_INPUT, tryNumber: 2 });
    choose(world, run, 'Reject');
    expect(instanceIn(run, 'ask').state).toBe(FAILED);
  });
});

describe('a choice of branches', () => {
  const branch = {
    ...{ subject: 'which?', options: ['left', 'no'], isMultiple: true },
    ...{ effect: HumanInputEffect.BRANCH, branches: { left: 'yes' } },
  };

  test('follows the branches that the options stand for', () => {
    for (const [chosen, states] of [
      [['left'], [SUCCESS, QUEUED, SKIPPED, NONE]],
      [['no'], [SUCCESS, SKIPPED, QUEUED, NONE]],
      [
        ['left', 'no'],
        [SUCCESS, QUEUED, QUEUED, NONE],
      ],
    ] as const) {
      const world = asking(branch);
      const run = world.run();
      choose(world, run, ...chosen);
      expect(statesIn(run)).toEqual(states);
    }
  });

  test('fails when an option stands for no task at all', () => {
    const world = asking(
      { ...branch, branches: { left: 'nowhere' }, defaults: ['left'] },
      {
        executionTimeout: { seconds: 5n },
      },
    );
    const run = world.run();
    pass(world, 5);
    expect(instanceIn(run, 'ask').state).toBe(FAILED);
    expect(run.state).toBe(DagRunState.FAILED);
  });
});

describe('a question that nobody answers', () => {
  test('takes its defaults when its time is over', () => {
    const world = asking({ ...approval, defaults: ['Approve'], timeout: { seconds: 10n } });
    const run = world.run();
    pass(world, 9);
    expect(statesIn(run)).toEqual([AWAITING_INPUT, NONE, NONE, NONE]);
    pass(world, 1);
    expect(statesIn(run)).toEqual([SUCCESS, QUEUED, QUEUED, NONE]);
  });

  test('fails without defaults', () => {
    const world = asking({ ...approval, timeout: { seconds: 10n } });
    const run = world.run();
    pass(world, 10);
    expect(instanceIn(run, 'ask').state).toBe(FAILED);
  });

  test('waits no longer than its task may take in all', () => {
    const world = asking(
      { ...approval, timeout: { seconds: 100n } },
      { executionTimeout: { seconds: 10n } },
    );
    const run = world.run();
    pass(world, 10);
    expect(instanceIn(run, 'ask').state).toBe(FAILED);
  });
});

test('an answer after the end changes nothing', () => {
  const world = asking({ ...approval, timeout: { seconds: 10n } }, { retry: { retries: 0 } });
  const run = world.run();
  choose(world, run, 'Approve');
  pass(world, 100);
  expect(instanceIn(run, 'ask').state).toBe(SUCCESS);
});

test('answers that cannot be are refused in words', () => {
  const [task] = compileVersion({
    ...{ $typeName: 'dagmesh.metadata.v1.DagVersionRecord', dagVersionId: 1n, dagId: 'd' },
    ...{ versionNumber: 1, dagFile: '', bundleName: '', bundleVersion: '' },
    spec: asking(approval).dag.version.spec,
  }).tasks;
  const spec = task?.humanInput;
  if (spec === undefined) throw new Error('no question');
  expect(refuseAnswer(spec, { chosenOptions: ['Maybe'] })).toMatch(/not among the options/);
  expect(refuseAnswer(spec, { chosenOptions: [] })).toMatch(/choose one/);
  expect(refuseAnswer(spec, { chosenOptions: ['Approve', 'Reject'] })).toMatch(/only one/);
  expect(refuseAnswer(spec, { chosenOptions: ['Reject'] })).toBeUndefined();
  expect(mayAnswer(spec, 'anybody')).toBe(true);
  expect(mayAnswer({ ...spec, assignedUsers: ['ada'] }, 'eve')).toBe(false);
});
