// SLAs: who has missed one, from when it counts, and that it is told once.
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  AttemptEnd,
  AttemptOutcomeSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { clearInstances } from '../operation/clear.ts';
import { markRun } from '../operation/mark.ts';
import { instancesOf } from '../instance.ts';
import { recordOutcome } from '../attempt/outcomes.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { dropPartitions } from '../load/drop.ts';
import type { RunRequest } from '../run/run.ts';
import { createRun } from '../run/runs.ts';
import { createSimulation, type Simulation } from '../../simulator/simulation.ts';
import { DagRunState } from '../state.ts';
import { toldAfter } from '../../testing/callbacks.ts';
import { aRun, aWorld, NEW_YEAR_MS, type World } from '../../testing/picture-world.ts';

const HOUR_MS = 3_600_000;
const callbacks = [
  { event: CallbackEvent.SLA_MISS, action: { case: 'handler', value: 'tell' } } as const,
];
const sla = { seconds: 60n };

/** Lets seconds pass; answers who was told to have missed. */
function pass(world: World, seconds: number): readonly string[] {
  return toldAfter(world, seconds).map((told) => `${told.task_id} ${told.map_index}`);
}

describe('an SLA', () => {
  test('counts from when the data was there, or the run was due', () => {
    const requests: readonly Partial<RunRequest>[] = [
      { runType: RunType.MANUAL },
      {
        ...{ runType: RunType.SCHEDULED, intervalStartMs: NEW_YEAR_MS - HOUR_MS },
        ...{ intervalEndMs: NEW_YEAR_MS, logicalDateMs: NEW_YEAR_MS - HOUR_MS },
      },
    ];
    for (const request of requests) {
      const world = aWorld({ tasks: [{ taskId: 'a', sla, callbacks }] });
      world.dag.scheduledCount = 1;
      world.run(request);
      expect(pass(world, 59)).toEqual([]);
      expect(pass(world, 1)).toEqual(['a -1']);
      expect(pass(world, 1_000)).toEqual([]);
    }
  });

  test('is missed in a run that waits for its turn, also after a takeover', () => {
    const spec = { tasks: [{ taskId: 'a', sla, callbacks }], dagId: 'd', activeRunsMax: 1 };
    const simulation = createSimulation([spec], { startMs: NEW_YEAR_MS });
    simulation.trigger('d', { runId: 'first', runAfterMs: NEW_YEAR_MS - HOUR_MS });
    simulation.trigger('d', { runId: 'second' });
    const heir = createSimulation([spec], {
      startMs: NEW_YEAR_MS,
      history: simulation.commits,
    });
    for (const each of [simulation, heir]) {
      each.advanceTo(NEW_YEAR_MS + 59_999);
      expect(toldOf(each, 'second')).toEqual([]);
      each.advanceTo(NEW_YEAR_MS + HOUR_MS);
      expect(toldOf(each, 'second')).toEqual(['a -1']);
      const second = each.runs().find(({ runId }) => runId === 'second');
      expect(second?.state).toBe(DagRunState.QUEUED);
    }
  });

  test('is missed by each instance of a mapped task that has not succeeded', () => {
    const source = { kind: { case: 'valueJson', value: '[1,2,3]' } } as const;
    const value = { arguments: [{ name: 'x', source }] };
    const mapping = { kind: { case: 'product', value } } as const;
    const world = aWorld({ tasks: [{ taskId: 'a', sla, callbacks, mapping }] });
    world.run();
    for (const attempt of world.lease()) succeed(world, attempt);
    expect(pass(world, 60)).toEqual(['a 1', 'a 2']);
  });

  test('that was missed is not missed again when the task is cleared', () => {
    const world = aWorld({ tasks: [{ taskId: 'a', sla, callbacks }] });
    const run = world.run();
    expect(pass(world, 60)).toHaveLength(1);
    world.decide((deciding, moment) =>
      clearInstances(deciding, moment, run, [...instancesOf(run)]),
    );
    world.commit();
    expect(pass(world, 1_000)).toEqual([]);
  });

  test('is missed when its time comes after the run has failed, also after a takeover', () => {
    const spec = { tasks: [{ taskId: 'a', sla, callbacks }], dagId: 'd' };
    const simulation = createSimulation([spec], { startMs: NEW_YEAR_MS });
    simulation.trigger('d', { runId: 'failed' });
    for (const attempt of simulation.lease(9)) simulation.report(attempt, failed);
    const { commits: history } = simulation;
    const heir = createSimulation([spec], { startMs: NEW_YEAR_MS + 1_000, history });
    for (const each of [simulation, heir]) {
      each.advanceTo(NEW_YEAR_MS + 59_999);
      expect(toldOf(each, 'failed')).toEqual([]);
      each.advanceTo(NEW_YEAR_MS + HOUR_MS);
      expect(toldOf(each, 'failed')).toEqual(['a -1']);
      expect(each.dag('d').slaRuns.size).toBe(0);
    }
  });

  test('is kept by a task that succeeded before the run has failed', () => {
    const tasks = [
      { taskId: 'a', sla, callbacks },
      { taskId: 'b', upstreamTaskIds: ['a'] },
    ];
    const world = aWorld({ tasks });
    world.run();
    for (const attempt of world.lease()) succeed(world, attempt);
    for (const attempt of world.lease()) fail(world, attempt);
    expect(world.dag.slaRuns.size).toBe(0);
    expect(pass(world, 1_000)).toEqual([]);
  });

  test('is kept by a task that failed and was marked as success in time', () => {
    const world = aWorld({ tasks: [{ taskId: 'a', sla, callbacks }] });
    const run = world.run();
    for (const attempt of world.lease()) fail(world, attempt);
    expect(world.dag.slaRuns.size).toBe(1);
    world.decide((deciding) => markRun(deciding, run, DagRunState.SUCCESS, 'ada'));
    expect(pass(world, 1_000)).toEqual([]);
  });

  test('leaves nothing behind of a run that is over and cannot miss it', () => {
    const world = aWorld({ tasks: [{ taskId: 'a', sla: { seconds: 2_592_000n }, callbacks }] });
    const onAgenda = () => world.picture.agenda.items.members.length;
    for (let at = 0; at < 3; at++) {
      world.run({ runId: `r${at}` });
      for (const attempt of world.lease()) succeed(world, attempt);
    }
    expect([world.dag.slaRuns.size, onAgenda()]).toEqual([0, 0]);
    const failing = world.run({ runId: 'failing' });
    for (const attempt of world.lease()) fail(world, attempt);
    expect(onAgenda()).toBe(1);
    const kept: readonly unknown[] = [...world.dag.slaRuns.values()];
    expect(kept).not.toContain(failing);
    const dueMs = NEW_YEAR_MS + 2_592_000_000;
    expect(kept).toEqual([{ kind: 'sla', dag: world.dag, runId: 'failing', dueMs }]);
    dropPartitions(world.picture, () => true);
    expect(onAgenda()).toBe(0);
  });

  test('is not watched of a run that the ledger refused', () => {
    const world = aWorld({ tasks: [{ taskId: 'a', sla, callbacks }] });
    const run = world.decide((deciding, moment) =>
      createRun(deciding, moment, world.dag, aRun(moment)),
    );
    world.seal()({ runs: [run.id] });
    expect(world.dag.slaRuns.size).toBe(0);
    expect(pass(world, 1_000)).toEqual([]);
    expect([...world.picture.slasWanted]).toEqual([world.dag]);
  });

  test('is told to those who listen to the DAG, too', () => {
    const world = aWorld({ tasks: [{ taskId: 'a', sla, callbacks }], callbacks });
    world.run();
    expect(pass(world, 60)).toEqual(['a -1', 'a -1']);
  });
});

/** Who was told to have missed, of one run. */
function toldOf(simulation: Simulation, runId: string): readonly string[] {
  return simulation
    .runs()
    .filter(({ callbackOfRunId }) => callbackOfRunId === runId)
    .map(({ confJson }) => {
      const { task_id: taskId, map_index: mapIndex } = JSON.parse(confJson).context;
      return `${taskId} ${mapIndex}`;
    });
}

const failed = { end: AttemptEnd.FAILED };

function succeed(world: World, attempt: Attempt): void {
  report(world, attempt, AttemptEnd.SUCCESS);
}

function fail(world: World, attempt: Attempt): void {
  report(world, attempt, AttemptEnd.FAILED);
}

function report(world: World, { attemptId, epoch }: Attempt, end: AttemptEnd): void {
  const ended = { attemptId, epoch: BigInt(epoch), end };
  world.decide((deciding) => recordOutcome(deciding, create(AttemptOutcomeSchema, ended)));
  world.commit();
}
