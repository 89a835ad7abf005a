// What people do to runs, from outside: what a dry run lists is what is done, what is refused has
// changed nothing, and what is asked for twice is done once.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DagRunState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { lease, playAll, report, runOf, statesOf, trigger } from '../../testing/executor.ts';
import { aChain, aDag, aTask } from '../../testing/specs.ts';
import { attend } from '../../testing/triggerer.ts';
import { createWorld, type TestScheduler, type World } from '../../testing/world.ts';

let world: World;
let scheduler: TestScheduler;

const source = { kind: { case: 'valueJson' as const, value: '[1,2]' } };
const value = { arguments: [{ name: 'x', source }] };
const mapping = { kind: { case: 'product' as const, value } };

const flow = aDag(
  'flow',
  [
    aTask('make', [], { isSetup: true }),
    aTask('read', ['make']),
    aTask('each', ['read'], { mapping }),
    aTask('left', ['read'], { taskGroupId: 'sides' }),
    aTask('right', ['read'], { taskGroupId: 'sides' }),
    aTask('end', ['each', 'left', 'right']),
    aTask('unmake', ['make', 'end'], { isTeardown: true }),
  ],
  { taskGroups: [{ groupId: 'sides' }] },
);

beforeEach(async () => {
  world = createWorld();
  world.metadata.putDag(flow);
  world.metadata.putDag(aDag('chain', aChain(2)));
  const humanInput = { subject: 'go?', options: ['yes', 'no'] };
  world.metadata.putDag(aDag('asks', [aTask('ask', [], { humanInput }), aTask('after', ['ask'])]));
  const timetable = { kind: { case: 'cron', value: { expression: '0 0 * * *' } } } as const;
  world.metadata.putDag(aDag('daily', [aTask('a')], { timetable, activeRunsMax: 1 }));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

const play = (...failing: readonly string[]) => playAll(scheduler, failing);

/** All task instances as they are committed, by name. */
function rows(): ReadonlyMap<string, string> {
  const { instances, runs } = world.metadata.tables;
  return new Map(
    [...instances.values()].map((row) => {
      const runId = runs.get(row.dagRunId)?.runId ?? '';
      const json = JSON.stringify(row, (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      return [nameOf({ ...row, runId }), json];
    }),
  );
}

type Name = { readonly runId: string; readonly taskId: string; readonly mapIndex: number };

function nameOf({ runId, taskId, mapIndex }: Name): string {
  return `${runId} ${taskId}${mapIndex < 0 ? '' : `[${mapIndex}]`}`;
}

/** The task instances that something changes. */
async function changedBy(work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = rows();
  // What is done again is done at another time.
  await world.clock.advance(10);
  await work();
  return [...rows()].flatMap(([name, row]) => (before.get(name) === row ? [] : [name])).sort();
}

async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  return reasonOf(await work.catch((error: unknown) => error));
}

describe('a clear', () => {
  test.each([
    ['all of a run', {}, {}, 8],
    ['one task, with what sets it up', { taskIds: ['end'] }, {}, 3],
    ['one instance', { taskIds: ['each[1]'] }, {}, 3],
    ['a group', { taskIds: ['sides'] }, {}, 4],
    ['what is above', { taskIds: ['left'], includeUpstream: true }, {}, 4],
    ['what is below', { taskIds: ['each[0]'], includeDownstream: true }, {}, 4],
    ['what failed', {}, { onlyFailed: true }, 2],
    ['what failed below', { taskIds: ['read'], includeDownstream: true }, { onlyFailed: true }, 2],
    ['what runs', {}, { onlyRunning: true }, 0],
    ['instances of a run that stays as it is', {}, { keepsRunState: true, onlyFailed: true }, 2],
  ])('of %s does what its dry run lists', async (_, selected, how, count) => {
    const runId = await trigger(scheduler, 'flow');
    await play('right');
    const selection = { dagId: 'flow', runId, ...selected };
    const request = { selection, ...how, actor: 'ann' };
    const commitsCount = world.metadata.commits.length;
    const dry = await scheduler.client.clearTaskInstances({ ...request, dryRun: true });
    expect(world.metadata.commits).toHaveLength(commitsCount);
    const listed = dry.taskInstances.map(nameOf).sort();
    expect(listed).toHaveLength(count);
    expect(await changedBy(() => scheduler.client.clearTaskInstances(request))).toEqual(listed);
    const stays = 'keepsRunState' in how || count === 0;
    const { FAILED, RUNNING } = DagRunState;
    expect(runOf(world.metadata, runId)?.state).toBe(stays ? FAILED : RUNNING);
  });

  test('of a running task ends its attempt, whose outcome no longer counts', async () => {
    const runId = await trigger(scheduler, 'chain');
    const [first] = await lease(scheduler, 1);
    if (first === undefined) throw new Error('nothing was leased');
    const request = { selection: { dagId: 'chain', runId, taskIds: ['t1'] }, actor: 'ann' };
    const prevented = { ...request, preventRunningTask: true };
    expect(await refusal(scheduler.client.clearTaskInstances(prevented))).toBe('task_running');
    expect(statesOf(world.metadata, runId)).toMatchObject({ t1: 'RUNNING' });
    await scheduler.client.clearTaskInstances(request);
    await world.clock.advance(10);
    expect(world.told).toEqual([first.lease?.attemptId]);
    expect(statesOf(world.metadata, runId)).toMatchObject({ t1: 'RESTARTING' });
    await report(scheduler, first);
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'QUEUED', t2: 'NONE' });
  });

  test('over several runs passes by those whose version has not got the task', async () => {
    await trigger(scheduler, 'chain', 'old');
    await play();
    world.metadata.putDag(aDag('chain', aChain(3)));
    await world.clock.advance(1_000);
    await trigger(scheduler, 'chain', 'new');
    await play();
    const selection = { dagId: 'chain', startDate: toTimestamp(0), taskIds: ['t3'] };
    const request = { selection, actor: 'ann', dryRun: true };
    const { taskInstances } = await scheduler.client.clearTaskInstances(request);
    expect(taskInstances.map(nameOf)).toEqual(['new t3']);
  });

  test.each([
    ['what failed and runs at once', { runId: 'r' }, 'bad_request', { onlyRunning: true }],
    ['a run and dates', { runId: 'r', startDate: toTimestamp(0) }, 'bad_request'],
    ['what is before no run', { startDate: toTimestamp(0), includePast: true }, 'bad_request'],
    ['neither a run nor dates', {}, 'bad_request'],
    ['what is before a run without date', { runId: 'r', includePast: true }, 'bad_request'],
    ['a run that there is not', { runId: 'nope' }, 'run_not_found'],
    ['a task that there is not', { runId: 'r', taskIds: ['nope'] }, 'task_not_found'],
  ])(
    'of %s is refused and changes nothing',
    async (_, selected, reason, how?: { readonly onlyRunning: boolean }) => {
      await trigger(scheduler, 'chain', 'r');
      const commitsCount = world.metadata.commits.length;
      const selection = { dagId: 'chain', ...selected };
      const request = { selection, onlyFailed: true, actor: 'ann', ...how };
      const clear = scheduler.client.clearTaskInstances(request);
      expect(await refusal(clear)).toBe(reason);
      expect(world.metadata.commits).toHaveLength(commitsCount);
    },
  );
});

describe('a mark', () => {
  test('of a running task ends its attempt at once, and what it says later is stale', async () => {
    const runId = await trigger(scheduler, 'chain');
    const [first] = await lease(scheduler, 1);
    if (first === undefined) throw new Error('nothing was leased');
    const selection = { dagId: 'chain', runId, taskIds: ['t1'] };
    const { SUCCESS: state } = TaskInstanceState;
    await scheduler.client.markTaskInstances({ selection, state, actor: 'ann' });
    await world.clock.advance(10);
    expect(world.told).toEqual([first.lease?.attemptId]);
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'SUCCESS', t2: 'QUEUED' });
    const { results } = await report(scheduler, first, AttemptEnd.FAILED);
    expect(results.map(({ status }) => status)).toEqual([AttemptStatus.STALE]);
    expect(statesOf(world.metadata, runId)).toMatchObject({ t1: 'SUCCESS' });
  });

  test('of a task that has that state already lets what failed below start over', async () => {
    const runId = await trigger(scheduler, 'chain');
    await play('t2');
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'SUCCESS', t2: 'FAILED' });
    const selection = { dagId: 'chain', runId, taskIds: ['t1'] };
    const { SUCCESS: state } = TaskInstanceState;
    const request = { selection, state, actor: 'ann', note: 'looked at' };
    const startsOver = {
      ...{ taskInstances: [], totalCount: 0, clearedCount: 1 },
      clearedTaskInstances: [{ runId, taskId: 't2', state: TaskInstanceState.FAILED }],
    };
    const listed = await scheduler.client.markTaskInstances({ ...request, dryRun: true });
    expect(listed).toMatchObject(startsOver);
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'SUCCESS', t2: 'FAILED' });
    expect(await scheduler.client.markTaskInstances(request)).toMatchObject(startsOver);
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'SUCCESS', t2: 'QUEUED' });
    const notes = [...world.metadata.tables.instances.values()].map(({ note }) => note);
    expect(notes).toContain('looked at');
  });

  test('lists what it sets and what starts over below, each once', async () => {
    const runId = await trigger(scheduler, 'chain');
    await play('t1');
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'FAILED', t2: 'UPSTREAM_FAILED' });
    const listed = (includeDownstream: boolean) =>
      scheduler.client.markTaskInstances({
        selection: { dagId: 'chain', runId, taskIds: ['t1'], includeDownstream },
        ...{ state: TaskInstanceState.SUCCESS, actor: 'ann', dryRun: true },
      });
    expect(await listed(false)).toMatchObject({
      ...{ totalCount: 1, taskInstances: [{ taskId: 't1' }] },
      ...{ clearedCount: 1, clearedTaskInstances: [{ taskId: 't2' }] },
    });
    expect(await listed(true)).toMatchObject({ totalCount: 2, clearedCount: 0 });
  });

  test('of a waiting task ends its wait', async () => {
    const runId = await trigger(scheduler, 'asks');
    const place = { dagId: 'asks', runId, taskId: 'ask' };
    const selection = { dagId: 'asks', runId, taskIds: ['ask'] };
    const { SKIPPED: state } = TaskInstanceState;
    await scheduler.client.markTaskInstances({ selection, state, actor: 'ann' });
    const late = scheduler.client.respondHumanInput({
      ...{ ...place, actor: 'bob' },
      response: { chosenOptions: ['yes'] },
    });
    expect(await refusal(late)).toBe('not_awaiting_input');
    expect(statesOf(world.metadata, runId)).toEqual({ ask: 'SKIPPED', after: 'SKIPPED' });
  });

  test('of a task that there is not is refused and changes nothing', async () => {
    await trigger(scheduler, 'daily', 'first');
    const runId = await trigger(scheduler, 'daily', 'waits');
    const selection = { dagId: 'daily', runId, taskIds: ['nope'] };
    const { SUCCESS: state } = TaskInstanceState;
    const refused = scheduler.client.markTaskInstances({ selection, state, actor: 'ann' });
    expect(await refusal(refused)).toBe('task_not_found');
    await world.clock.advance(1_000);
    expect(statesOf(world.metadata, runId)).toEqual({});
  });

  test('of a run that waits for its turn does what its dry run lists', async () => {
    const { client } = scheduler;
    await trigger(scheduler, 'daily', 'first');
    for (const mark of ['task', 'run'] as const) {
      const runId = await trigger(scheduler, 'daily', `waits-${mark}`);
      const place = { dagId: 'daily', runId, actor: 'ann' };
      const done = (dryRun: boolean) =>
        mark === 'run'
          ? client.markDagRun({ ...place, state: DagRunState.SUCCESS, dryRun })
          : client.markTaskInstances({
              ...{ selection: place, actor: 'ann', dryRun },
              state: TaskInstanceState.SUCCESS,
            });
      const listed = (await done(true)).taskInstances.map(nameOf);
      expect(listed).toEqual([`waits-${mark} a`]);
      expect(await changedBy(() => done(false))).toEqual(listed);
      expect(statesOf(world.metadata, runId)).toEqual({ a: 'SUCCESS' });
    }
  });
});

test.each(['clear', 'mark', 'cancel'] as const)(
  'a %s of a task that waits takes the wait from its triggerer at once',
  async (how) => {
    const { client } = scheduler;
    const asset = { kind: { case: 'asset', value: { assetName: 'x' } } } as const;
    world.metadata.putDag(aDag('defers', [aTask('a', [], { trigger: asset })]));
    await world.clock.advance(100);
    const triggerer = attend(world, scheduler);
    const runId = await trigger(scheduler, 'defers');
    await triggerer.pass(1_000);
    const [held] = triggerer.held;
    if (held === undefined) throw new Error('nobody attends the wait');
    const place = { dagId: 'defers', runId, actor: 'ann' };
    const about = { selection: place, actor: 'ann' };
    if (how === 'clear') await client.clearTaskInstances(about);
    else if (how === 'cancel') await client.cancelDagRun(place);
    else await client.markTaskInstances({ ...about, state: TaskInstanceState.SUCCESS });
    await triggerer.pass(1_000);
    expect(triggerer.held.map(({ waitId }) => waitId)).not.toContain(held.waitId);
    expect(triggerer.held).toHaveLength(how === 'clear' ? 1 : 0);
    const before = statesOf(world.metadata, runId);
    const event = { waitId: held.waitId, eventJson: '1' };
    expect(await triggerer.report(event)).toEqual([held.waitId]);
    expect(statesOf(world.metadata, runId)).toEqual(before);
    await triggerer.leave();
  },
);

test('what is asked for twice is done once', async () => {
  const { client } = scheduler;
  const runId = await trigger(scheduler, 'chain', 'r');
  const place = { dagId: 'chain', runId, actor: 'ann' };
  const selection = { dagId: 'chain', runId, taskIds: ['t1'] };
  const calls: readonly (() => Promise<unknown>)[] = [
    () => client.triggerDagRun({ ...place, runId: 'once', requestId: 'trigger' }),
    () => client.setDagPaused({ dagId: 'chain', isPaused: true, actor: 'ann' }),
    () => client.setDagPaused({ dagId: 'chain', isPaused: false, actor: 'ann' }),
    () => client.setNote({ ...place, taskId: 't1', note: 'mine' }),
    () => client.markTaskInstances({ selection, state: TaskInstanceState.SUCCESS, actor: 'ann' }),
    () => client.markDagRun({ ...place, state: DagRunState.FAILED }),
    () => client.markDagRun({ ...place, state: DagRunState.SUCCESS }),
    () => client.clearTaskInstances({ selection, actor: 'ann' }),
    () => client.cancelDagRun(place),
  ];
  for (const call of calls) {
    await call();
    const before = statesOf(world.metadata, runId);
    const state = runOf(world.metadata, runId)?.state;
    const runsCount = world.metadata.tables.runs.size;
    await call();
    expect(statesOf(world.metadata, runId)).toEqual(before);
    expect(runOf(world.metadata, runId)?.state).toBe(state);
    expect(world.metadata.tables.runs.size).toBe(runsCount);
  }
  expect(world.metadata.constraintsBroken).toEqual([]);
});
