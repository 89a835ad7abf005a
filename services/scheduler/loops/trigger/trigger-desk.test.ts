// The desk: every wait is attended by one triggerer that has room for it, whoever comes, goes or
// falls silent; and a commit costs what it changed, however many wait.
import { afterEach, expect, test, vi } from 'vitest';
import { create } from '@bufbuild/protobuf';
import {
  type TriggerEvent,
  TriggerEventSchema,
} from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { clearInstances } from '../../core/operation/clear.ts';
import { dropPartitions } from '../../core/load/drop.ts';
import type { Instance } from '../../core/instance.ts';
import { createRun } from '../../core/run/runs.ts';
import { allIn, aRun, aWorld, type World } from '../../testing/picture-world.ts';
import { TaskInstanceState } from '../../core/state.ts';
import { createEvents } from '../../events.ts';
import type { Engine } from '../commit/engine.ts';
import { createTriggerDesk, type TriggerDesk } from './trigger-desk.ts';

type Listener = {
  /** Waits it attends, as far as it was told. */
  readonly attended: Set<string>;
  answersCount: number;
  hasEnded: boolean;
  leave(): void;
};

type Scene = {
  readonly world: World;
  readonly desk: TriggerDesk;
  readonly clock: FakeClock;
  /** Commits what was decided and tells the desk, as the engine does. */
  commit(): void;
  /** Makes the run, when it was held. */
  begin(): void;
  listen(triggererId: string, capacity?: number): Listener;
  report(triggererId: string, ...waitIds: string[]): Promise<readonly string[]>;
  waiting(): readonly Instance[];
};

const started: TriggerDesk[] = [];

afterEach(async () => {
  for (const desk of started.splice(0)) await desk.stop();
});

/** A run with so many tasks that are nothing but triggers. */
async function aScene(count: number, how: { readonly isHeld?: boolean } = {}): Promise<Scene> {
  const trigger = { kind: { case: 'asset', value: { assetName: 'x' } } } as const;
  const tasks = Array.from({ length: count }, (_, index) => ({
    ...{ taskId: `t${index}`, trigger, priorityWeight: index },
  }));
  const world = aWorld({ tasks, activeTasksMax: count });
  const clock = new FakeClock();
  const engine: Pick<Engine, 'picture' | 'decide' | 'isPending'> = {
    isPending: (instance) => world.open().instances.has(instance),
    picture: () => world.picture,
    decide: async (decision) => {
      const answer = world.decide(decision);
      commit();
      return answer;
    },
  };
  const events = createEvents(createLog('test', 'silent'), createMetrics('test'));
  const desk = createTriggerDesk({ engine: () => engine as Engine, clock, events });
  started.push(desk);
  await desk.start();
  const commit = () => {
    const changes = world.open();
    world.commit();
    desk.committed(changes);
  };
  const begin = () => {
    world.decide((deciding, moment) => createRun(deciding, moment, world.dag, aRun(moment)));
    commit();
  };
  if (!how.isHeld) begin();
  return {
    ...{ world, desk, clock, commit, begin },
    listen: (triggererId, capacity = 10_000) => listen(desk, triggererId, capacity),
    report: (triggererId, ...waitIds) => desk.report(triggererId, waitIds.map(eventOf)),
    waiting: () => [...world.picture.waits.values()],
  };
}

function eventOf(waitId: string): TriggerEvent {
  return create(TriggerEventSchema, { waitId, eventJson: '1' });
}

function listen(desk: TriggerDesk, triggererId: string, capacity: number): Listener {
  const stopping = new AbortController();
  const listener: Listener = {
    ...{ attended: new Set(), answersCount: 0, hasEnded: false },
    leave: () => stopping.abort(),
  };
  const read = async () => {
    for await (const answer of desk.attend(triggererId, capacity, stopping.signal)) {
      listener.answersCount += 1;
      for (const { waitId = '' } of answer.added ?? []) listener.attended.add(waitId);
      for (const waitId of answer.removedWaitIds ?? []) listener.attended.delete(waitId);
    }
    listener.hasEnded = true;
  };
  void read();
  return listener;
}

/** Lets everything that is ready happen. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

function nameOf({ task }: Instance): string {
  return task.taskId;
}

test('a triggerer gets what waits, of higher priority first, as far as it has room', async () => {
  const scene = await aScene(10);
  const listener = scene.listen('t1', 3);
  await settled();
  const attended = scene.waiting().filter(({ wait }) => listener.attended.has(wait?.waitId ?? ''));
  expect(attended.map(nameOf).toSorted()).toEqual(['t7', 't8', 't9']);
});

test('two triggerers share what waits evenly, and no wait is attended twice', async () => {
  const scene = await aScene(10, { isHeld: true });
  const both = [scene.listen('t1'), scene.listen('t2')] as const;
  await settled();
  scene.begin();
  await settled();
  expect(both.map(({ attended }) => attended.size)).toEqual([5, 5]);
  expect(new Set(both.flatMap(({ attended }) => [...attended])).size).toBe(10);
});

test('an event lets the task go on and makes room; one of a wait held by nobody is lost', async () => {
  const scene = await aScene(2);
  const listener = scene.listen('t1', 1);
  await settled();
  const [waitId = ''] = listener.attended;
  expect(await scene.report('t1', waitId, 'unknown')).toEqual(['unknown']);
  await settled();
  expect(scene.world.picture.waits.has(waitId)).toBe(false);
  expect(scene.waiting()).toHaveLength(1);
  expect([...listener.attended]).toContain(scene.waiting()[0]?.wait?.waitId);
  expect(await scene.report('t2', scene.waiting()[0]?.wait?.waitId ?? '')).toHaveLength(1);
});

test('the waits of a triggerer that leaves go to others', async () => {
  const scene = await aScene(4);
  const first = scene.listen('t1');
  await settled();
  const second = scene.listen('t2');
  await settled();
  expect([first.attended.size, second.attended.size]).toEqual([4, 0]);
  first.leave();
  await settled();
  expect(first.hasEnded).toBe(true);
  expect(second.attended.size).toBe(4);
});

test('a triggerer that is silent loses its waits; one that reports keeps them', async () => {
  const scene = await aScene(4);
  const silent = scene.listen('silent', 2);
  const lively = scene.listen('lively', 2);
  await settled();
  for (let second = 0; second < 7; second++) {
    await scene.report('lively');
    await scene.clock.advance(1_000);
    await settled();
  }
  expect(silent.hasEnded).toBe(true);
  expect(lively).toMatchObject({ hasEnded: false });
  expect(lively.attended.size).toBe(2);
  const other = scene.listen('other');
  await settled();
  expect(other.attended.size).toBe(2);
});

test('a triggerer that comes again takes the place of what it was', async () => {
  const scene = await aScene(3);
  const before = scene.listen('t1');
  await settled();
  const after = scene.listen('t1');
  await settled();
  expect(before.hasEnded).toBe(true);
  expect(after.attended.size).toBe(3);
  const [waitId = ''] = after.attended;
  expect(await scene.report('t1', waitId)).toEqual([]);
});

test('a triggerer hears at once that a wait is over: cleared, or gone with its partition', async () => {
  const scene = await aScene(3);
  const listener = scene.listen('t1');
  await settled();
  const [run] = [...scene.world.dag.runs.values()];
  const [instance] = run === undefined ? [] : allIn(run);
  if (run === undefined || instance === undefined) throw new Error('nothing waits');
  const before = instance.wait?.waitId ?? '';
  scene.world.decide((deciding, moment) => clearInstances(deciding, moment, run, [instance]));
  scene.commit();
  await settled();
  expect(instance.state).toBe(TaskInstanceState.DEFERRED);
  expect(listener.attended.has(before)).toBe(false);
  expect(listener.attended.has(instance.wait?.waitId ?? '')).toBe(true);
  dropPartitions(scene.world.picture, () => true);
  await scene.report('t1');
  await scene.clock.advance(1_000);
  await settled();
  expect(listener.attended.size).toBe(0);
});

test('a wait is handed out once its commit is answered, and not before', async () => {
  const scene = await aScene(1);
  const [run] = [...scene.world.dag.runs.values()];
  const [instance] = run === undefined ? [] : allIn(run);
  if (run === undefined || instance === undefined) throw new Error('nothing waits');
  scene.world.decide((deciding, moment) => clearInstances(deciding, moment, run, [instance]));
  const listener = scene.listen('t1');
  await settled();
  await scene.clock.advance(500);
  await settled();
  expect(listener.attended.has(instance.wait?.waitId ?? '')).toBe(false);
  scene.commit();
  await settled();
  expect(listener.attended.has(instance.wait?.waitId ?? '')).toBe(true);
});

test('whoever comes to a desk that has closed is sent away', async () => {
  const scene = await aScene(1);
  await scene.desk.stop();
  const late = scene.listen('t1');
  await settled();
  expect(late).toMatchObject({ hasEnded: true });
  expect(late.attended.size).toBe(0);
});

test('a commit costs what it changed, however many wait and find no room', async () => {
  const scene = await aScene(1_000);
  const listener = scene.listen('t1', 500);
  await settled();
  const walk = vi.spyOn(scene.world.picture.waits, Symbol.iterator);
  const [run] = [...scene.world.dag.runs.values()];
  if (run === undefined) throw new Error('there is no run');
  for (const instance of allIn(run).slice(0, 20)) {
    scene.world.decide((deciding, moment) => clearInstances(deciding, moment, run, [instance]));
    scene.commit();
  }
  await settled();
  expect(walk).not.toHaveBeenCalled();
  expect(listener.attended.size).toBe(500);
});
