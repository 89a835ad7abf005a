// A takeover changes nothing: a picture built from the rows of all commits is the picture that made
// them, at any moment, and goes on to the same end.
import { describe, expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import {
  BackfillAction,
  BackfillSchema,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { beginBackfill } from './core/operation/backfills.ts';
import { clearInstances } from './core/operation/clear.ts';
import { answer } from './core/wait/human-input.ts';
import { type Instance, instancesOf } from './core/instance.ts';
import { markInstances } from './core/operation/mark.ts';
import type { Attempt } from './core/attempt/attempt.ts';
import type { Run } from './core/run/run.ts';
import { isRunFinished, nameOfState, TaskInstanceState } from './core/state.ts';
import { fire, isCurrent } from './core/wait/wait-end.ts';
import { wake } from './loops/partition-keeper.ts';
import {
  createSimulation,
  type DagInit,
  type OutcomeInit,
  type Simulation,
} from './simulator/simulation.ts';
import { NEW_YEAR_MS } from './testing/picture-world.ts';
import { factsOf, staleNodes } from './testing/picture-facts.ts';
import { type Chance, chanceOf } from './testing/chance.ts';
import { outcomeFor, randomSpec } from './testing/random-dag.ts';

const DAY_MS = 86_400_000;
const WORLDS = 120;
const STEPS = 60;
const END_STEPS_MAX = 2_000;

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
    const logicalDateMs = isDated ? NEW_YEAR_MS + at * DAY_MS : undefined;
    simulation.trigger('d', { runId: `r${at}`, logicalDateMs });
  } else if (dice < 0.1) backfillSome(world, chance, at);
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

function backfillSome({ simulation }: World, { below, random }: Chance, at: number): void {
  const backfillId = `b${at}`;
  const dates = Array.from({ length: 1 + below(3) }, (_, index) => ({
    ordinal: index + 1,
    logicalDate: toTimestamp(NEW_YEAR_MS - (at * 10 + 9 - index) * DAY_MS),
    runAfter: toTimestamp(NEW_YEAR_MS - (at * 10 + 9 - index) * DAY_MS),
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
  simulation.decide((deciding, moment) =>
    beginBackfill(deciding, moment, simulation.dag('d'), backfill),
  );
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
        const stale = staleNodes(world.simulation);
        const rebuilt = factsOf(takeOver(world).simulation, stale);
        expect(rebuilt, `seed ${seed}, step ${at}`).toEqual(factsOf(world.simulation, stale));
      }
    }
  }, 300_000);

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
  }, 300_000);
});

function freshWorld(spec: DagInit): World {
  const simulation = createSimulation([spec], {
    startMs: NEW_YEAR_MS,
    pools: { default_pool: 1_000 },
  });
  return { simulation, spec, history: [], held: [] };
}
