// Callbacks: who is told of what, how often, and of what nobody is told.
import { describe, expect, test } from 'vitest';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { clearInstances } from '../operation/clear.ts';
import { instancesOf } from '../instance.ts';
import { leaseInto } from '../attempt/leases.ts';
import { markInstances, markRun } from '../operation/mark.ts';
import type { Run } from '../run/run.ts';
import { cancelRun, createRun, timeOutRun } from '../run/runs.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { keepAgenda } from '../sweep.ts';
import { aRun, aWorld, instanceIn, type World } from '../../testing/picture-world.ts';

const EVENTS = [
  ...[CallbackEvent.EXECUTE, CallbackEvent.SUCCESS, CallbackEvent.FAILURE],
  ...[CallbackEvent.RETRY, CallbackEvent.SKIPPED],
];

function aListeningWorld(tasks: readonly Plain[]): World {
  const callbacks = EVENTS.map((event) => ({
    event,
    action: { case: 'handler', value: 'tell' } as const,
  }));
  return aWorld({ tasks: tasks.map((task) => ({ ...task, callbacks })) });
}

type Plain = {
  readonly taskId: string;
  readonly upstreamTaskIds?: string[];
  readonly retry?: { readonly retries: number };
};

/** What callback runs were started with, without the waiting for them to run. */
function told(world: World): readonly Readonly<Record<string, unknown>>[] {
  const runs = [...world.dag.runs.values()].filter(({ runType }) => runType === RunType.CALLBACK);
  return runs.map(({ confJson }) => JSON.parse(confJson).context as Record<string, unknown>);
}

function eventsOf(world: World): readonly string[] {
  return told(world).map(({ event, task_id: taskId }) => `${taskId ?? 'dag'} ${event}`);
}

/** Leases until the task itself runs: callbacks are leased like any other work. */
function begin(world: World, run: Run, taskId: string): void {
  for (let tries = 0; instanceIn(run, taskId).attempt === undefined; tries++) {
    if (world.lease().length === 0 || tries > 20) throw new Error(`${taskId} does not begin`);
  }
  world.decide(() => undefined);
  world.commit();
}

function setTo(world: World, run: Run, taskId: string, state: 'SUCCESS' | 'FAILED' | 'SKIPPED') {
  const instances = [instanceIn(run, taskId)];
  const mark = { run, instances, state: TaskInstanceState[state], actor: 'me' };
  world.decide((deciding, moment) => markInstances(deciding, moment, mark));
  world.commit();
}

describe('a task whose events somebody wants to know', () => {
  test('tells of its beginning and its success', () => {
    const world = aListeningWorld([{ taskId: 'a' }]);
    const run = world.run();
    begin(world, run, 'a');
    expect(eventsOf(world)).toEqual(['a execute']);
    world.end(run, 'a', AttemptEnd.SUCCESS);
    expect(eventsOf(world)).toEqual(['a execute', 'a success']);
  });

  test('tells why it failed, and that it will be tried again', () => {
    const world = aListeningWorld([{ taskId: 'a', retry: { retries: 1 } }]);
    const run = world.run();
    begin(world, run, 'a');
    world.end(run, 'a', AttemptEnd.FAILED);
    const context = told(world).find(({ event }) => event === 'retry');
    expect(context).toMatchObject({ state: 'up_for_retry', try_number: 1, tries_max: 1 });
    expect(context).toHaveProperty('exception', '');
  });

  test('tells of a skip that it asked for itself, and of none that the rules decide', () => {
    const world = aListeningWorld([
      { taskId: 'a' },
      { taskId: 'b', upstreamTaskIds: ['a'] },
      { taskId: 'c', upstreamTaskIds: ['b'] },
    ]);
    const run = world.run();
    begin(world, run, 'a');
    world.end(run, 'a', AttemptEnd.SKIPPED);
    expect(instanceIn(run, 'c').state).toBe(TaskInstanceState.SKIPPED);
    expect(eventsOf(world)).toEqual(['a execute', 'a skipped']);
  });

  test('says nothing when a task above it failed', () => {
    const world = aListeningWorld([{ taskId: 'a' }, { taskId: 'b', upstreamTaskIds: ['a'] }]);
    const run = world.run();
    begin(world, run, 'a');
    world.end(run, 'a', AttemptEnd.FAILED);
    expect(instanceIn(run, 'b').state).toBe(TaskInstanceState.UPSTREAM_FAILED);
    expect(eventsOf(world)).toEqual(['a execute', 'a failure']);
  });

  test('says nothing when its state is set by hand, cancelled or timed out', () => {
    const ends: readonly ((world: World, run: Run) => void)[] = [
      (world, run) => setTo(world, run, 'a', 'FAILED'),
      (world, run) => setTo(world, run, 'a', 'SKIPPED'),
      (world, run) => world.decide((deciding) => cancelRun(deciding, run, 'me')),
      (world, run) => world.decide((deciding) => timeOutRun(deciding, run)),
      (world, run) => world.decide((deciding) => markRun(deciding, run, DagRunState.SUCCESS, 'me')),
    ];
    for (const end of ends) {
      const world = aListeningWorld([{ taskId: 'a' }]);
      const run = world.run();
      begin(world, run, 'a');
      end(world, run);
      world.commit();
      expect(eventsOf(world)).toEqual(['a execute']);
    }
  });

  test('tells of the beginning of each try once, also when a worker rejects it', () => {
    const world = aListeningWorld([{ taskId: 'a' }]);
    const run = world.run();
    begin(world, run, 'a');
    world.end(run, 'a', AttemptEnd.REJECTED);
    begin(world, run, 'a');
    expect(eventsOf(world)).toEqual(['a execute']);
    world.end(run, 'a', AttemptEnd.SUCCESS);
    world.decide((deciding, moment) =>
      clearInstances(deciding, moment, run, [...instancesOf(run)]),
    );
    world.commit();
    begin(world, run, 'a');
    expect(eventsOf(world)).toEqual(['a execute', 'a success', 'a execute']);
  });

  test('does not begin when the ledger refuses its slots, and so says nothing yet', () => {
    const world = aListeningWorld([{ taskId: 'a' }]);
    const run = world.decide((deciding, moment) =>
      createRun(deciding, moment, world.dag, aRun(moment)),
    );
    const offers = [{ workerId: 'w', queues: ['default'], slots: 1 }];
    world.decide(({ changes }, moment) =>
      leaseInto(world.picture, changes, { executorId: 'e', offers }, moment),
    );
    world.seal()({ instances: [instanceIn(run, 'a').id] });
    world.decide(() => undefined);
    world.commit();
    expect(eventsOf(world)).toEqual([]);
    expect(world.lease()).toHaveLength(1);
    expect(eventsOf(world)).toEqual(['a execute']);
  });
});

describe('a DAG whose end somebody wants to know', () => {
  const callbacks = [CallbackEvent.SUCCESS, CallbackEvent.FAILURE].map((event) => ({
    event,
    action: { case: 'handler', value: 'tell' } as const,
  }));

  test('tells of each of its runs, and not of those that tell', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }], callbacks });
    const run = world.run();
    world.lease();
    world.end(run, 'a', AttemptEnd.FAILED);
    expect(told(world)).toMatchObject([
      { event: 'failure', reason: 'task_failure', run_id: run.runId },
    ]);
    const [tells] = [...world.dag.runs.values()];
    if (tells === undefined) throw new Error('nobody tells');
    for (let tries = 0; tells.state === DagRunState.RUNNING; tries++) {
      world.nowMs += 3_600_000;
      world.decide((deciding, moment) => keepAgenda(deciding, moment, 100));
      world.commit();
      world.lease();
      world.end(tells, 'callback', AttemptEnd.FAILED);
      expect(tries).toBeLessThan(5);
    }
    expect(tells.state).toBe(DagRunState.FAILED);
    expect(world.dag.runs.size).toBe(0);
  });

  test('keeps its own version when a run that tells of its end is over', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }], callbacks });
    const { version } = world.dag;
    const run = world.run();
    world.lease();
    world.end(run, 'a', AttemptEnd.SUCCESS);
    const [tells] = [...world.dag.runs.values()];
    if (tells === undefined) throw new Error('nobody tells');
    world.lease();
    world.end(tells, 'callback', AttemptEnd.SUCCESS);
    expect(world.dag.versions.get(version.dagVersionId)).toBe(version);
    world.decide((deciding, moment) =>
      clearInstances(deciding, moment, tells, [...instancesOf(tells)]),
    );
    expect(world.dag.versions.get(version.dagVersionId)).toBe(version);
  });

  test('does not count those runs', () => {
    const world = aWorld({ tasks: [{ taskId: 'a' }], callbacks, activeRunsMax: 1 });
    const first = world.run({ runId: 'first' });
    const second = world.run({ runId: 'second' });
    world.lease();
    world.end(first, 'a', AttemptEnd.SUCCESS);
    expect(second.state).toBe(DagRunState.RUNNING);
    expect(world.dag.runningCount).toBe(1);
  });
});
