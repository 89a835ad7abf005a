// Explain says in a sentence what matters most, and changes nothing.
import { describe, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { dated, endTask, explained, HOUR_MS, situationWorld } from '../../testing/situations.ts';
import { instanceOf } from '../instance.ts';
import { markInstances } from '../operation/mark.ts';
import { TaskInstanceState } from '../state.ts';

const { SKIPPED } = AttemptEnd;
const chain = { tasks: [{ taskId: 'a' }, { taskId: 'b', upstreamTaskIds: ['a'] }] };
const alone = { tasks: [{ taskId: 'a' }] };

describe('one sentence says', () => {
  test('what matters most, and how much more there is', () => {
    const simulation = situationWorld(chain);
    const situation = { simulation, run: simulation.trigger('d'), taskId: 'b' };
    expect(explained(situation)).toMatchObject({
      state: 'none',
      summary: '"b" waits: upstream task "a" is queued (and 1 more)',
    });
  });

  test('where a task runs, since when and until when', () => {
    const executionTimeout = toDuration(HOUR_MS);
    const simulation = situationWorld({ tasks: [{ taskId: 'a', executionTimeout }] });
    const run = simulation.trigger('d');
    simulation.lease(1);
    const since = 'since 2026-01-01T00:00:00Z (try 1), timeout at 2026-01-01T01:00:00Z';
    expect(explained({ simulation, run, taskId: 'a' })).toEqual({
      state: 'running',
      summary: `"a" is running on worker simulated ${since}`,
      blockers: [],
    });
  });

  test('that a task is done', () => {
    const simulation = situationWorld(alone);
    const run = simulation.trigger('d');
    endTask(simulation, 'a', { end: SKIPPED, reason: 'no data' });
    const { summary } = explained({ simulation, run, taskId: 'a' });
    expect(summary).toBe('"a" does not wait: it is skipped since 2026-01-01T00:00:00Z: no data');
  });
});

test('to ask changes nothing', () => {
  const simulation = situationWorld({ tasks: [{ taskId: 'a', dependsOnPast: true }] });
  simulation.trigger('d', { runId: 'r1', ...dated(1) });
  const run = simulation.trigger('d', { runId: 'r2', ...dated(2) });
  const instance = instanceOf(run, 'a');
  const before = { ...instance };
  explained({ simulation, run, taskId: 'a' });
  expect({ ...instance }).toEqual(before);
  expect(simulation.picture.pastWanted.size).toBe(0);
});

test('what is cleared and marked goes on being explained by what holds now', () => {
  const simulation = situationWorld(chain);
  const run = simulation.trigger('d');
  const instance = instanceOf(run, 'a');
  const instances = instance === undefined ? [] : [instance];
  const state = TaskInstanceState.SUCCESS;
  simulation.decide((deciding, moment) =>
    markInstances(deciding, moment, { run, instances, state, actor: 'ann' }),
  );
  const { blockers } = explained({ simulation, run, taskId: 'b' });
  expect(blockers.map(({ kind }) => kind)).toEqual(['no_worker']);
});
