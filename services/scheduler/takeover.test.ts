// A takeover changes nothing: a picture built from the rows of all commits is the picture that made
// them, at any moment, and goes on to the same end.
import { describe, expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import {
  BackfillAction,
  BackfillSchema,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { advanceBackfills } from './core/backfills.ts';
import { clearInstances } from './core/clear.ts';
import { answer } from './core/human-input.ts';
import { type Instance, instancesOf, type Node } from './core/instance.ts';
import { markInstances } from './core/mark.ts';
import type { Attempt, Run } from './core/picture.ts';
import { takenSlots } from './core/pool.ts';
import { isRunFinished, nameOfState, TaskInstanceState } from './core/state.ts';
import { fire, isCurrent } from './core/wait-end.ts';
import { wake } from './loops/partition-keeper.ts';
import {
  createSimulation,
  type DagInit,
  type OutcomeInit,
  type Simulation,
} from './simulator/simulation.ts';

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const WORLDS = 120;
const STEPS = 60;
const END_STEPS_MAX = 2_000;

/** Numbers that look random and are the same for each seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Chance = {
  readonly random: () => number;
  readonly below: (count: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
};

function chanceOf(seed: number): Chance {
  const random = randomOf(seed);
  const below = (count: number) => Math.floor(random() * count);
  return {
    random,
    below,
    pick: (from) => {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
  };
}

const RULES = [
  ...[TriggerRule.ALL_SUCCESS, TriggerRule.ALL_SUCCESS, TriggerRule.ALL_DONE],
  ...[TriggerRule.ONE_SUCCESS, TriggerRule.NONE_FAILED, TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS],
];

type TaskInit = NonNullable<DagInit['tasks']>[number];

function randomSpec(chance: Chance): DagInit {
  const { below, random } = chance;
  const hasPast = random() < 0.3;
  const groups = random() < 0.6 ? ['g', 'g.h'] : [];
  const tasks: TaskInit[] = [];
  const count = 3 + below(5);
  for (let index = 0; index < count; index++) {
    tasks.push(randomTask(chance, { index, groups, hasPast }));
  }
  return {
    dagId: 'd',
    tasks,
    activeRunsMax: 3,
    activeTasksMax: 500,
    taskGroups: groups.map((groupId) => ({
      groupId,
      parentGroupId: groupId === 'g' ? '' : 'g',
      ...(random() < 0.7 ? { mapping: mappingOver(chance, 0) } : {}),
    })),
    callbacks: random() < 0.3 ? [callback(CallbackEvent.FAILURE)] : [],
    deadlines:
      random() < 0.4
        ? [{ reference: { case: 'queuedAt', value: {} }, interval: { seconds: 30n } }]
        : [],
  };
}

function randomTask(
  chance: Chance,
  of: { readonly index: number; readonly groups: readonly string[]; readonly hasPast: boolean },
): TaskInit {
  const { pick, random } = chance;
  const { index, groups, hasPast } = of;
  const above = Array.from({ length: index }, (_, at) => at).filter(() => random() < 0.4);
  const isMapped = random() < 0.3;
  const source = isMapped && above.length > 0 && random() < 0.7 ? pick(above) : undefined;
  const kind = random();
  return {
    taskId: `t${index}`,
    upstreamTaskIds: above.map((at) => `t${at}`),
    triggerRule: pick(RULES),
    retry: { retries: chance.below(3), delay: { seconds: 5n } },
    dependsOnPast: hasPast && random() < 0.5,
    taskGroupId: groups.length > 0 && random() < 0.6 ? pick(groups) : '',
    ...(random() < 0.3
      ? { callbacks: [callback(pick([CallbackEvent.FAILURE, CallbackEvent.RETRY]))] }
      : {}),
    ...(random() < 0.2 ? { sla: { seconds: 20n } } : {}),
    ...(random() < 0.2 ? { executionTimeout: { seconds: 40n } } : {}),
    ...(isMapped ? { mapping: mappingOver(chance, 1, source) } : {}),
    ...(kind < 0.1 ? { isEmpty: true } : {}),
    ...(kind > 0.9 ? { trigger: timer(chance) } : {}),
    ...(kind > 0.8 && kind < 0.9 ? { humanInput: question() } : {}),
  };
}

function mappingOver(
  { below }: Chance,
  least: number,
  source?: number,
): NonNullable<TaskInit['mapping']> {
  const valueJson = JSON.stringify(Array.from({ length: least + below(3) }, (_, at) => at));
  const kind =
    source === undefined
      ? ({ case: 'valueJson', value: valueJson } as const)
      : ({ case: 'taskId', value: `t${source}` } as const);
  return { kind: { case: 'product', value: { arguments: [{ name: 'x', source: { kind } }] } } };
}

function callback(event: CallbackEvent) {
  return { event, action: { case: 'handler', value: 'tell' } } as const;
}

function timer({ below }: Chance) {
  const value = { moment: { case: 'after', value: { seconds: BigInt(below(20)) } } } as const;
  return { kind: { case: 'timer', value } } as const;
}

function question() {
  return { subject: 'go?', options: ['yes', 'no'], timeout: { seconds: 25n } };
}

/** What a try comes to; the same in every world that gets as far. */
function outcomeFor(chance: Chance, { instance }: Attempt): OutcomeInit {
  const { random, below, pick } = chance;
  const { run, task } = instance;
  const dice = random();
  if (dice < 0.55) {
    const below1 = task.downstream.map((index) => run.version.tasks[index]?.taskId ?? '');
    const isBranch = below1.length > 0 && random() < 0.2;
    const followIds = isBranch ? [pick(below1)] : [];
    const direction = { kind: { case: 'branch', value: { followIds } } } as const;
    return {
      end: AttemptEnd.SUCCESS,
      ...(random() < 0.9 ? { mapLength: below(4) } : {}),
      ...(isBranch ? { direction } : {}),
    };
  }
  if (dice < 0.7) return { end: AttemptEnd.FAILED };
  if (dice < 0.75) return { end: AttemptEnd.SKIPPED };
  if (dice < 0.8) return { end: AttemptEnd.LOST };
  if (dice < 0.85) {
    const rescheduleAt = toTimestamp(START_MS + DAY_MS);
    return {
      end: AttemptEnd.RESCHEDULED,
      rescheduleAt: random() < 0.9 ? toTimestamp(0) : rescheduleAt,
    };
  }
  if (dice < 0.9) {
    return { end: AttemptEnd.AWAITING_INPUT, awaitInput: { humanInput: question() } };
  }
  const timeout = { seconds: BigInt(1 + below(30)) };
  return { end: AttemptEnd.DEFERRED, defer: { trigger: timer(chance), timeout, method: 'm' } };
}

/** A scheduler, and the commits of all before it. */
type World = {
  simulation: Simulation;
  readonly spec: DagInit;
  readonly history: readonly CommitRequest[];
  held: Attempt[];
};

function allCommits({ history, simulation }: World): readonly CommitRequest[] {
  return [...history, ...simulation.commits];
}

/** The world of a scheduler that knows the commits alone. */
function takeOver(world: World): World {
  const history = allCommits(world);
  const startMs = world.simulation.nowMs();
  const simulation = createSimulation([world.spec], {
    startMs,
    history,
    pools: { default_pool: 1_000 },
  });
  return { simulation, spec: world.spec, history, held: [...simulation.picture.attempts.values()] };
}

function liveRuns({ simulation }: World): readonly Run[] {
  return simulation.runs().filter(({ state }) => !isRunFinished(state));
}

/** Something happens. */
function step(world: World, chance: Chance, at: number): void {
  const { simulation } = world;
  const { below, pick, random } = chance;
  const dice = random();
  const runs = simulation
    .runs()
    .filter(({ nodes, version }) => nodes.length > 0 && version.isWhole);
  if (dice < 0.08) {
    const isDated = random() < 0.7;
    const logicalDateMs = isDated ? START_MS + at * DAY_MS : undefined;
    simulation.trigger('d', { runId: `r${at}`, logicalDateMs });
  } else if (dice < 0.1) beginBackfill(world, chance, at);
  else if (dice < 0.3) world.held.push(...simulation.lease(1 + below(4)));
  else if (dice < 0.7) {
    const [attempt] = world.held.splice(below(world.held.length), 1);
    if (attempt !== undefined) simulation.report(attempt, outcomeFor(chance, attempt));
  } else if (dice < 0.8) simulation.advanceTo(simulation.nowMs() + below(15_000));
  else if (dice < 0.85) endSomeWait(world, chance);
  else if (dice < 0.93 && runs.length > 0) {
    const run = pick(runs);
    const chosen = [...instancesOf(run)].filter(() => random() < 0.3);
    simulation.decide((deciding, moment) => clearInstances(deciding, moment, run, chosen));
  } else if (runs.length > 0) {
    const run = pick(runs);
    const chosen = [...instancesOf(run)].filter(() => random() < 0.2);
    const state = pick([TaskInstanceState.SUCCESS, TaskInstanceState.FAILED]);
    const mark = { run, instances: chosen, state, actor: 'me' };
    simulation.decide((deciding, moment) => markInstances(deciding, moment, mark));
  }
}

function beginBackfill({ simulation }: World, { below, random }: Chance, at: number): void {
  const backfillId = `b${at}`;
  const dates = Array.from({ length: 1 + below(3) }, (_, index) => ({
    ordinal: index + 1,
    logicalDate: toTimestamp(START_MS - (at * 10 + 9 - index) * DAY_MS),
    runAfter: toTimestamp(START_MS - (at * 10 + 9 - index) * DAY_MS),
    action: BackfillAction.CREATE,
  }));
  // Whether a task that the run before lacks has a past was asked when there were other runs.
  const mayBePart = !simulation.dag('d').version.hasPast;
  const taskIds = mayBePart && random() < 0.5 ? ['t0', 't1'] : [];
  const backfill = create(BackfillSchema, {
    ...{ backfillId, dagId: 'd', dates, taskIds, activeRunsMax: 1 + below(2) },
    state: BackfillState.RUNNING,
    stopsOnFailure: random() < 0.5,
  });
  simulation.decide((deciding, moment) => {
    const dag = simulation.dag('d');
    dag.backfills.set(backfillId, backfill);
    deciding.changes.backfills.set(backfill, { dag, dates: new Set(backfill.dates) });
    advanceBackfills(deciding, moment, dag);
  });
}

function endSomeWait({ simulation }: World, { pick, random }: Chance): void {
  const waiting = simulation
    .runs()
    .flatMap((run) =>
      [...instancesOf(run)].filter((each) => isCurrent(each, each.wait?.waitId ?? '')),
    );
  if (waiting.length === 0) return;
  const instance = pick(waiting);
  simulation.decide((deciding) => {
    if (instance.state === TaskInstanceState.DEFERRED) {
      const error = random() < 0.3 ? 'it broke' : '';
      return fire(deciding, instance, { eventJson: '1', error, isSkip: random() < 0.1 });
    }
    if (instance.state !== TaskInstanceState.AWAITING_INPUT) return undefined;
    return answer(deciding, instance, { chosenOptions: ['yes'], respondedBy: 'me' });
  });
}

/** Tasks whose number of instances is asked for anew before the next of them begins. */
function staleNodes({ simulation }: World): ReadonlySet<string> {
  const nodes = simulation.runs().flatMap((run) => run.nodes.filter(({ isStale }) => isStale));
  return new Set(nodes.map(placeOf));
}

function placeOf({ run, task }: Node): string {
  return `${run.id} ${task.taskId}`;
}

/** All that decisions depend on, in a form that can be compared. */
function factsOf({ simulation }: World, stale: ReadonlySet<string>) {
  const { picture } = simulation;
  const dag = simulation.dag('d');
  const runs = [...dag.runs.values()].toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
  return {
    runs: runs.map((run) => factsOfRun(run, stale)),
    waits: [...picture.waits.keys()].toSorted(),
    attempts: [...picture.attempts.values()]
      .map(
        ({ attemptId, isResumed, epoch, tryNumber }) =>
          `${attemptId} ${isResumed} ${epoch} ${tryNumber}`,
      )
      .toSorted(),
    slots: [...picture.pools.values()].map((pool) => `${pool.name} ${takenSlots(pool)}`),
    counts: [dag.runningCount, dag.scheduledCount, dag.queuedRuns.members.length],
    backfills: [...dag.backfills.values()].map(({ backfillId, state, dates }) => ({
      ...{ backfillId, state },
      dates: dates.map(({ ordinal, action, runId }) => `${ordinal} ${action} ${runId}`),
    })),
  };
}

function factsOfRun(run: Run, stale: ReadonlySet<string>) {
  return {
    ...{ runId: run.runId, state: run.state, runType: run.runType, clears: run.clearNumber },
    counts: [run.unfinishedCount, run.stirringCount, run.limit.active],
    backfill: `${run.backfillId} ${run.backfillOrdinal}`,
    deadlines: run.deadlines.map(({ name, dueAt }) => `${name} ${fromTimestamp(dueAt)}`),
    slaMissed: [...run.slaMissed].toSorted(),
    times: [run.queuedAtMs, run.startMs],
    nodes: run.nodes.map((node) => factsOfNode(node, stale)),
  };
}

function factsOfNode(node: Node, stale: ReadonlySet<string>) {
  const { instances, missingCount, openCount, own, above, task } = node;
  return {
    taskId: task.taskId,
    counts: [missingCount, openCount],
    lengths: stale.has(placeOf(node)) ? 'stale' : node.lengths,
    ...{ own: { ...own }, above: { ...above } },
    instances: instances.map(factsOfInstance),
  };
}

function factsOfInstance(instance: Instance) {
  const { wait, ...rest } = instance;
  const isInLine =
    rest.state === TaskInstanceState.SCHEDULED || rest.state === TaskInstanceState.QUEUED;
  return [
    ...[rest.mapIndex, nameOfState(rest.state), `try ${rest.tryNumber}/${rest.triesMax}`],
    ...[rest.epoch, rest.attemptId, rest.lossesCount, rest.reschedulesCount, rest.mapLength],
    ...[rest.nextTryMs, rest.deadlineMs, rest.waitingSinceMs, rest.startMs, rest.endMs],
    ...[rest.skipDecision?.json, rest.holdsSlots, rest.slotsHeld],
    isInLine ? rest.urgency : '',
    ...[wait?.waitId, fromTimestamp(wait?.until), wait?.eventJson, wait?.error, wait?.keepsSlots],
  ].join(' ');
}

/** Plays on to the end, in an order that does not depend on when what became known. */
function playToEnd(world: World): Readonly<Record<string, string>> {
  const { simulation } = world;
  simulation.decide((deciding, moment) => wake(deciding, moment, simulation.dag('d')));
  for (let at = 0; at < END_STEPS_MAX; at++) {
    world.held.push(...simulation.lease(1_000));
    world.held = [...simulation.picture.attempts.values()];
    world.held.sort((a, b) => byName(a.instance, b.instance));
    const [attempt] = world.held;
    const dueMs = simulation.nextDueMs();
    const [waiting] = [...simulation.picture.waits.values()].toSorted(byName);
    if (attempt !== undefined) simulation.report(attempt, endingFor(attempt));
    else if (dueMs !== undefined) simulation.advanceTo(dueMs);
    else if (waiting === undefined) return endOf(world);
    else {
      const event = { eventJson: '1', error: '', isSkip: false };
      simulation.decide((deciding) => fire(deciding, waiting, event));
    }
  }
  throw new Error('it does not end');
}

function endingFor({ instance, tryNumber }: Attempt): OutcomeInit {
  const sum = [...nameOf(instance)].reduce((total, letter) => total * 31 + letter.charCodeAt(0), 7);
  const dice = (Math.abs(sum) + tryNumber * 13) % 10;
  if (dice < 7) return { end: AttemptEnd.SUCCESS, mapLength: dice % 4 };
  return { end: dice === 7 ? AttemptEnd.SKIPPED : AttemptEnd.FAILED };
}

function byName(a: Instance, b: Instance): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf({ run, task, mapIndex }: Instance): string {
  const name = run.callbackOfRunId === '' ? run.runId : `callback of ${run.callbackOfRunId}`;
  return `${name} ${task.taskId} ${mapIndex}`;
}

/** States of everything, callbacks by how many there were. */
function endOf({ simulation }: World): Readonly<Record<string, string>> {
  const end: Record<string, string> = {};
  for (const run of simulation.runs()) {
    if (run.callbackOfRunId !== '') {
      const key = `callbacks of ${run.callbackOfRunId}`;
      end[key] = String(Number(end[key] ?? 0) + 1);
      continue;
    }
    end[run.runId] = `${run.state} ${run.stateReason}`;
    for (const each of instancesOf(run)) end[nameOf(each)] = nameOfState(each.state);
  }
  return end;
}

describe('a picture built from the rows of all commits', () => {
  const worlds = Array.from({ length: WORLDS }, (_, index) => index + 1);
  test('is the one that made them, after each of many random events', () => {
    for (const seed of worlds) {
      const chance = chanceOf(seed);
      const spec = randomSpec(chance);
      const world = freshWorld(spec);
      for (let at = 0; at < STEPS; at++) {
        step(world, chance, at);
        if (at % 3 !== 0) continue;
        const stale = staleNodes(world);
        const rebuilt = factsOf(takeOver(world), stale);
        expect(rebuilt, `seed ${seed}, step ${at}`).toEqual(factsOf(world, stale));
      }
    }
  }, 120_000);

  test('goes on to the same end', () => {
    for (const seed of worlds) {
      const chance = chanceOf(seed);
      const spec = randomSpec(chance);
      const world = freshWorld(spec);
      const steps = 10 + chance.below(STEPS);
      for (let at = 0; at < steps; at++) step(world, chance, at);
      const other = takeOver(world);
      const end = playToEnd(world);
      expect(playToEnd(other), `seed ${seed}`).toEqual(end);
      expect(
        liveRuns(world).filter((run) => !run.version.hasPast),
        `seed ${seed}`,
      ).toEqual([]);
    }
  }, 120_000);
});

function freshWorld(spec: DagInit): World {
  const simulation = createSimulation([spec], {
    startMs: START_MS,
    pools: { default_pool: 1_000 },
  });
  return { simulation, spec, history: [], held: [] };
}
