// Random DAGs on random worlds: a ledger that loses calls and answers and refuses slots, workers
// that succeed, fail, skip, reject, vanish and report twice, schedulers that come, go and die.
// Every run ends, and no law is broken in any commit.
import { describe, expect, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { DagRunState, TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd, type AttemptLease } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { isActive, isFinished } from './core/state.ts';
import { lease, renew, report, trigger } from './testing/executor.ts';
import type { FakeMetadata } from './testing/fake-metadata.ts';
import { aDag, aTask } from './testing/specs.ts';
import { createWorld, type TestScheduler, type World } from './testing/world.ts';
import { randomOf } from './testing/chance.ts';

const POOL_SLOTS = 4;
const ACTIVE_TASKS_MAX = 3;
const ACTIVE_RUNS_MAX = 2;
const DAG_IDS = ['a', 'b', 'c', 'd', 'e'];
const STEPS_MAX = 4_000;

type Chance = (probability: number) => boolean;

/** An attempt in the hands of the test's workers, with what they may do with it. */
type Held = { readonly leased: AttemptLease; readonly workerId: string };

type Play = {
  readonly world: World;
  readonly random: () => number;
  readonly chance: Chance;
  /** Schedulers that live, in no order. */
  readonly schedulers: TestScheduler[];
  readonly held: Held[];
};

function randomDag(dagId: string, random: () => number) {
  const rules = [
    ...Array.from({ length: 6 }, () => TriggerRule.ALL_SUCCESS),
    TriggerRule.ALL_DONE,
    TriggerRule.ONE_SUCCESS,
    TriggerRule.ONE_FAILED,
    TriggerRule.NONE_FAILED,
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
    TriggerRule.ALL_SKIPPED,
    TriggerRule.ALWAYS,
  ];
  const tasks = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, index) => {
    const upstream = Array.from({ length: index }, (_, above) => `t${above}`);
    return aTask(
      `t${index}`,
      upstream.filter(() => random() < 0.35),
      {
        pool: 'p',
        poolSlots: 1 + Math.floor(random() * 2),
        triggerRule: rules[Math.floor(random() * rules.length)] ?? TriggerRule.ALL_SUCCESS,
        isEmpty: random() < 0.1,
        activeTisPerDagMax: random() < 0.2 ? 1 : 0,
        retry: { retries: Math.floor(random() * 3), delay: { seconds: 1n } },
      },
    );
  });
  return aDag(dagId, tasks, { activeRunsMax: ACTIVE_RUNS_MAX, activeTasksMax: ACTIVE_TASKS_MAX });
}

/** The laws that must hold after every commit; broken ones throw inside of it. */
function checkLaws({ tables }: FakeMetadata): void {
  const active = [...tables.instances.values()].filter(({ state }) => isActive(state));
  const byRun = Map.groupBy(active, ({ dagRunId }) => dagRunId);
  for (const instances of byRun.values()) {
    expect(instances.length).toBeLessThanOrEqual(ACTIVE_TASKS_MAX);
  }
  const running = [...tables.runs.values()].filter(({ state }) => state === DagRunState.RUNNING);
  for (const runs of Map.groupBy(running, ({ dagId }) => dagId).values()) {
    expect(runs.length).toBeLessThanOrEqual(ACTIVE_RUNS_MAX);
  }
  const dagOf = new Map([...tables.runs.values()].map(({ id, dagId }) => [id, dagId]));
  const slots = active.map(({ taskId, dagRunId }) => slotsOf(tables, dagOf.get(dagRunId), taskId));
  expect(tables.pools.get('p')?.used).toBe(slots.reduce((sum, each) => sum + each, 0));
}

function slotsOf(tables: FakeMetadata['tables'], dagId = '', taskId = ''): number {
  const dag = tables.dags.get(dagId);
  const spec = tables.versions.get(dag?.dagVersionId ?? 0n)?.spec;
  return spec?.tasks.find((task) => task.taskId === taskId)?.poolSlots ?? 0;
}

/** Who owns a DAG, as far as the playing executor can know: whoever does not refuse. */
async function atOwner<T>(
  play: Play,
  call: (scheduler: TestScheduler) => Promise<T>,
): Promise<T | undefined> {
  for (const scheduler of play.schedulers) {
    try {
      return await play.world.during(call(scheduler));
    } catch {
      // Not the owner, still loading, or dead: the next one may be.
    }
  }
  return undefined;
}

const ENDS = [
  ...Array.from({ length: 8 }, () => AttemptEnd.SUCCESS),
  ...Array.from({ length: 2 }, () => AttemptEnd.FAILED),
  AttemptEnd.SKIPPED,
  AttemptEnd.REJECTED,
  AttemptEnd.LOST,
];

async function reportOne(play: Play): Promise<void> {
  const { random, held, chance, world } = play;
  const [picked] = held.splice(Math.floor(random() * held.length), 1);
  // Some workers vanish without a word: their leases run out.
  if (picked === undefined || chance(0.05)) return;
  const { leased } = picked;
  const end = ENDS[Math.floor(random() * ENDS.length)] ?? AttemptEnd.SUCCESS;
  const slots = chance(0.5) ? 1 : 0;
  const isLiveBefore =
    world.metadata.tables.attempts.get(leased.lease?.attemptId ?? '')?.state ===
    TaskAttemptState.RUNNING;
  const answer = await atOwner(play, (scheduler) => report(scheduler, leased, end, { slots }));
  if (answer === undefined) return void held.push(picked);
  take(play, answer.leases);
  const [result] = answer.results;
  // An outcome of a live attempt is recorded, and stays so however often it is sent.
  if (!isLiveBefore) return;
  const again = await atOwner(play, (scheduler) => report(scheduler, leased, end));
  expect(again?.results[0]?.status ?? result?.status).toBe(result?.status);
  if (result?.status === AttemptStatus.RECORDED) {
    const attempt = world.metadata.tables.attempts.get(leased.lease?.attemptId ?? '');
    expect(attempt?.state).not.toBe(TaskAttemptState.RUNNING);
  }
}

function take(play: Play, leases: readonly AttemptLease[]): void {
  for (const leased of leases) {
    const attempt = play.world.metadata.tables.attempts.get(leased.lease?.attemptId ?? '');
    // Nobody is given a lease before it is committed.
    expect(attempt).toBeDefined();
    play.held.push({ leased, workerId: leased.workerId });
  }
}

async function leaseSome(play: Play): Promise<void> {
  const { schedulers, random, world } = play;
  const scheduler = schedulers[Math.floor(random() * schedulers.length)];
  if (scheduler === undefined) return;
  const call = lease(scheduler, 1 + Math.floor(random() * 3), { waitMs: 50 });
  take(play, (await world.during(call).catch(() => [])) ?? []);
}

async function renewAll({ schedulers, held, world }: Play): Promise<void> {
  const leases = held.map(({ leased }) => leased);
  for (const scheduler of schedulers) {
    const answer = await world.during(renew(scheduler, leases)).catch(() => undefined);
    for (const lostId of answer?.lostAttemptIds ?? []) {
      // Nobody is told that a live attempt of his is lost.
      const attempt = world.metadata.tables.attempts.get(lostId);
      expect(attempt?.state).not.toBe(TaskAttemptState.RUNNING);
    }
  }
}

async function command(play: Play, runIds: readonly string[]): Promise<void> {
  const { random, chance } = play;
  const runId = runIds[Math.floor(random() * runIds.length)] ?? '';
  const dagId = runId.slice(0, 1);
  const name = { dagId, runId, actor: 'me' };
  if (chance(0.3)) {
    await atOwner(play, ({ client }) => client.cancelDagRun(name));
  } else if (chance(0.5)) {
    await atOwner(play, ({ client }) =>
      client.clearTaskInstances({
        selection: { dagId, runId, includeDownstream: true, taskIds: ['t0'] },
        actor: 'me',
      }),
    );
  } else {
    const pause = (isPaused: boolean) =>
      atOwner(play, ({ client }) => client.setDagPaused({ dagId, isPaused, actor: 'me' }));
    await pause(true);
    await play.world.clock.advance(500);
    while ((await pause(false)) === undefined) await play.world.clock.advance(100);
  }
}

async function moveSchedulers(play: Play, count: { value: number }): Promise<void> {
  const { schedulers, chance, world } = play;
  if (schedulers.length < 3 && chance(0.6)) {
    count.value += 1;
    schedulers.push(await world.start(`s${count.value}`));
    return;
  }
  if (schedulers.length < 2) return;
  const [leaving] = schedulers.splice(0, 1);
  if (chance(0.5)) leaving?.kill();
  else await leaving?.stop();
}

function isOver({ metadata }: World): boolean {
  const states = [...metadata.tables.runs.values()].map(({ state }) => state);
  return states.every((state) => state === DagRunState.SUCCESS || state === DagRunState.FAILED);
}

/** What holds a world up that does not end. */
function standingOf({ metadata }: World): string {
  const { runs, instances, pools } = metadata.tables;
  const live = [...runs.values()].filter(({ endDate }) => endDate === undefined);
  const rows = [...instances.values()].filter(({ state }) => !isFinished(state));
  return JSON.stringify({
    pools: [...pools],
    runs: live.map(({ runId, state }) => [runId, state]),
    instances: rows.map(({ taskId, state, dagRunId }) => [
      runs.get(dagRunId)?.runId,
      taskId,
      state,
    ]),
    paused: [...metadata.tables.dags.values()].filter((dag) => dag.isPaused).length,
  });
}

async function triggerAll(play: Play): Promise<string[]> {
  const runIds: string[] = [];
  for (const dagId of DAG_IDS) {
    for (let index = 0; index < 3; index += 1) {
      const runId = `${dagId}${index}`;
      while (
        (await atOwner(play, (scheduler) => trigger(scheduler, dagId, runId))) === undefined &&
        ![...play.world.metadata.tables.runs.values()].some((run) => run.runId === runId)
      ) {
        await play.world.clock.advance(100);
      }
      runIds.push(runId);
    }
  }
  return runIds;
}

/** Plays one seed to its end; answers how many task instances there were. */
async function simulate(seed: number): Promise<number> {
  const random = randomOf(seed);
  const chance: Chance = (probability) => random() < probability;
  const world = createWorld();
  const { metadata } = world;
  metadata.tables.pools.set('p', { slots: POOL_SLOTS, used: 0 });
  for (const dagId of DAG_IDS) metadata.putDag(randomDag(dagId, random));
  metadata.afterCommit = () => checkLaws(metadata);
  const play: Play = { world, random, chance, held: [], schedulers: [await world.start('s1')] };
  metadata.faults.isUnreachable = () => chance(0.05);
  metadata.faults.isAnswerLost = () => chance(0.05);
  metadata.faults.isUnlucky = () => chance(0.05);
  const runIds = await triggerAll(play);
  const count = { value: 1 };
  for (let step = 0; !isOver(world) || step < 40; step += 1) {
    expect(world.errors, `seed ${seed}, step ${step}`).toEqual([]);
    expect(step, `seed ${seed} does not end: ${standingOf(world)}`).toBeLessThan(STEPS_MAX);
    await world.clock.advance(Math.floor(random() * 400));
    await leaseSome(play);
    await reportOne(play);
    if (chance(0.5)) await renewAll(play);
    if (step < 40 && chance(0.15)) await command(play, runIds);
    if (step < 200 && chance(0.05)) await moveSchedulers(play, count);
  }
  const { instances, attempts, pools } = metadata.tables;
  const runs = new Map([...metadata.tables.runs.values()].map((run) => [run.id, run]));
  for (const { state, dagRunId } of instances.values()) {
    const isDeadlocked = runs.get(dagRunId)?.stateReason === 'all_tasks_deadlocked';
    expect(isFinished(state) || (isDeadlocked && state === TaskInstanceState.NONE)).toBe(true);
  }
  for (const { state } of attempts.values()) expect(state).not.toBe(TaskAttemptState.RUNNING);
  expect(pools.get('p')?.used).toBe(0);
  await world.end();
  expect(world.errors).toEqual([]);
  expect(metadata.constraintsBroken).toEqual([]);
  return instances.size;
}

describe('on an unreliable mesh', () => {
  const seedsCount = 40;

  test(`every run of ${seedsCount} random worlds ends, and no law is broken on the way`, async () => {
    expect(new Set(DAG_IDS.map(partitionOf)).size).toBeGreaterThan(2);
    let instancesCount = 0;
    for (let seed = 1; seed <= seedsCount; seed += 1) instancesCount += await simulate(seed);
    expect(instancesCount).toBeGreaterThan(seedsCount * 30);
  }, 300_000);
});
