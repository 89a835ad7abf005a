// What holds a whole run back is named: pauses, its turn, its time.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it, test } from 'vitest';
import {
  BackfillAction,
  BackfillSchema,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import {
  dayMs,
  HOUR_MS,
  type SituationRow,
  situationWorld,
  START_MS,
  testSituations,
} from '../../testing/situations.ts';
import { advanceBackfills, beginBackfill, changeBackfill } from '../operation/backfills.ts';
import { explainDag } from './dag.ts';
import { explain, explainPlanned } from './explain.ts';
import { startRuns } from '../run/runs.ts';
import { DagRunState } from '../state.ts';
import { setGate } from '../dag.ts';

const chain = { tasks: [{ taskId: 'a' }, { taskId: 'b', upstreamTaskIds: ['a'] }] };
const alone = { tasks: [{ taskId: 'a' }] };

const situations: readonly SituationRow[] = [
  [
    'a paused DAG',
    () => {
      const simulation = situationWorld(alone);
      setGate(simulation.dag('d'), true);
      return { simulation, run: simulation.trigger('d'), taskId: 'a' };
    },
    [
      {
        kind: 'dag_paused',
        subject: 'd',
        message: 'DAG "d" is paused',
        remedy: 'unpause it: dagmesh dags unpause d',
      },
      { kind: 'run_queued', subject: 'manual__1' },
    ],
  ],
  [
    'a DAG whose file is gone, before all else',
    () => {
      const simulation = situationWorld(chain);
      const dag = simulation.dag('d');
      dag.isActive = false;
      setGate(dag, true);
      return { simulation, run: simulation.trigger('d'), taskId: 'b' };
    },
    [{ kind: 'dag_inactive', subject: 'd' }, { kind: 'dag_paused' }, { kind: 'run_queued' }],
  ],
  [
    'what is above it, when its file is gone after it has begun',
    () => {
      const simulation = situationWorld(chain);
      const run = simulation.trigger('d');
      simulation.dag('d').isActive = false;
      return { simulation, run, taskId: 'b' };
    },
    [{ kind: 'upstream', subject: 'a' }, { kind: 'trigger_rule' }],
  ],
  [
    'as many runs as may be',
    () => {
      const simulation = situationWorld({ ...alone, activeRunsMax: 1 });
      simulation.trigger('d');
      simulation.trigger('d');
      return { simulation, run: simulation.trigger('d'), taskId: 'a' };
    },
    [
      {
        kind: 'active_runs_max',
        subject: 'd',
        message: '1 of at most 1 run of DAG "d" are running',
        remedy:
          'raise max_active_runs of the DAG, or ' +
          'end one of those: dagmesh runs list d --state running',
      },
      {
        kind: 'run_queued',
        subject: 'manual__3',
        message: 'run "manual__3" has not begun; 1 queued run of its DAG goes first',
      },
    ],
  ],
  [
    'a run whose time has not come',
    () => {
      const simulation = situationWorld(alone);
      const run = simulation.trigger('d', { runAfterMs: START_MS + HOUR_MS });
      return { simulation, run, taskId: 'a' };
    },
    [
      {
        kind: 'run_after',
        subject: 'manual__1',
        message: 'run "manual__1" may begin at 2026-01-01T01:00:00Z',
        untilMs: START_MS + HOUR_MS,
      },
      { kind: 'run_queued' },
    ],
  ],
];

describe('a task whose run is held back is explained by', () => {
  testSituations(situations);
});

test('a run whose turn it is does not claim to be held back', () => {
  const simulation = situationWorld(alone);
  const run = simulation.trigger('d', { runAfterMs: START_MS + HOUR_MS });
  const [task] = run.version.tasks;
  if (task === undefined) throw new Error('no task');
  const moment = { nowMs: START_MS + HOUR_MS, monotonicMs: 0 };
  const told = explain(simulation.picture, moment, { run, task, instance: undefined });
  expect(told).toMatchObject({ blockers: [], summary: expect.stringContaining('about to go on') });
});

test('runs of a DAG without file wait for it, and begin when it is back', () => {
  const simulation = situationWorld(alone);
  const dag = simulation.dag('d');
  dag.isActive = false;
  const run = simulation.trigger('d');
  expect(run.state).toBe(DagRunState.QUEUED);
  dag.isActive = true;
  simulation.decide((deciding, moment) => startRuns(deciding, moment, dag));
  expect(run.state).toBe(DagRunState.RUNNING);
});

describe('a run that a backfill is to make is explained by', () => {
  const dates = [1, 2].map((ordinal) => ({
    ordinal,
    action: BackfillAction.CREATE,
    runAfter: toTimestamp(dayMs(ordinal)),
  }));
  const planned = (state: BackfillState) => {
    const simulation = situationWorld(alone);
    const dag = simulation.dag('d');
    const backfill = create(BackfillSchema, { backfillId: 'bf', activeRunsMax: 1, dates });
    dag.backfills.set('bf', backfill);
    simulation.decide((deciding, moment) => {
      changeBackfill(deciding, dag, backfill, BackfillState.RUNNING);
      advanceBackfills(deciding, moment, dag);
      changeBackfill(deciding, dag, backfill, state);
    });
    const [task] = dag.version.tasks;
    const runId = 'backfill__2026-01-02T00:00:00+00:00';
    return task === undefined ? undefined : explainPlanned(dag, runId, task, dayMs(3));
  };

  it.each([
    [
      'the pause of the backfill',
      BackfillState.PAUSED,
      {
        kind: 'backfill_paused',
        subject: 'bf',
        message: 'backfill "bf" is paused',
        remedy: 'go on with it: dagmesh backfill unpause bf',
      },
    ],
    [
      'the number of its runs',
      BackfillState.RUNNING,
      {
        kind: 'backfill_active_runs_max',
        subject: 'bf',
        message: '1 of at most 1 run of the backfill go on',
        remedy: 'see which, to end one: dagmesh backfill show bf --state running',
      },
    ],
  ])('%s', (_name, state, expected) => {
    expect(planned(state)?.blockers).toEqual([expected]);
  });

  test('its time, which others of the backfill do not wait for', () => {
    const simulation = situationWorld(alone);
    const dag = simulation.dag('d');
    const runAfter = toTimestamp(START_MS + HOUR_MS);
    const soon = { ordinal: 1, action: BackfillAction.CREATE, runAfter, partitionKey: 'p' };
    const backfill = create(BackfillSchema, {
      ...{ backfillId: 'bf', state: BackfillState.RUNNING, dates: [soon] },
    });
    simulation.decide((deciding, moment) => beginBackfill(deciding, moment, dag, backfill));
    const [task] = dag.version.tasks;
    if (task === undefined) throw new Error('no task');
    const runId = 'backfill__2026-01-01T01:00:00+00:00';
    const expected = {
      kind: 'run_after',
      subject: runId,
      message: `run "${runId}" of backfill "bf" is made at 2026-01-01T01:00:00Z`,
      untilMs: START_MS + HOUR_MS,
    };
    expect(explainPlanned(dag, runId, task, START_MS)?.blockers).toEqual([expected]);
    expect(explainPlanned(dag, runId, task, START_MS + HOUR_MS)?.blockers).toEqual([]);
    expect(explainDag(dag, START_MS, 0).blockers).toContainEqual(expected);
    simulation.advanceTo(START_MS + HOUR_MS);
    expect(simulation.runs().map((run) => run.runId)).toEqual([runId]);
  });

  test('nothing once it is there', () => {
    expect(
      explainPlanned(situationWorld(alone).dag('d'), 'backfill__x', {} as never, START_MS),
    ).toBeUndefined();
  });
});
