// Callbacks run at least once: whatever they tell of is in no commit without them, so a scheduler
// that knows the commits alone starts them.
import { expect, test } from 'vitest';
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { DagRunState, RunType, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { CommitRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { createSimulation, type DagInit, type Simulation } from '../../simulator/simulation.ts';
import { clearInstances } from '../operation/clear.ts';
import { instancesOf } from '../instance.ts';
import { NEW_YEAR_MS } from '../../testing/picture-world.ts';

type Kind = {
  readonly name: string;
  readonly event: string;
  readonly spec: DagInit;
  readonly play: (simulation: Simulation) => void;
  /** True of the commit that carries what is to be told. */
  readonly isTold: (commit: CommitRequest) => boolean;
};

const { EXECUTE, SUCCESS, FAILURE, RETRY, SKIPPED, SLA_MISS } = CallbackEvent;

function listening(event: CallbackEvent) {
  return { callbacks: [{ event, action: { case: 'handler', value: 'tell' } as const }] };
}

/** Plays the task until its attempt has ended so. */
function ending(end: AttemptEnd): Kind['play'] {
  return (simulation) => {
    simulation.trigger('d');
    for (const attempt of simulation.lease(1)) simulation.report(attempt, { end });
  };
}

function hasInstance(state: TaskInstanceState): Kind['isTold'] {
  return ({ newTaskInstances, changedTaskInstances }) =>
    [...newTaskInstances, ...changedTaskInstances].some((row) => row.state === state);
}

function hasRun(state: DagRunState): Kind['isTold'] {
  return ({ changedRuns }) => changedRuns.some((row) => row.state === state);
}

function waiting(simulation: Simulation): void {
  simulation.trigger('d');
  simulation.advanceTo(NEW_YEAR_MS + 60_000);
}

const deadline = {
  ...{ name: 'soon', interval: { seconds: 60n }, callback: listening(FAILURE).callbacks[0] },
  reference: { case: 'queuedAt', value: {} },
} as const;
const one = { taskId: 'a' };

const kinds: readonly Kind[] = [
  {
    name: 'a try on a worker',
    event: 'execute',
    spec: { tasks: [{ ...one, ...listening(EXECUTE) }] },
    play: (simulation) => {
      simulation.trigger('d');
      simulation.lease(1);
    },
    isTold: ({ newAttempts }) => newAttempts.length > 0,
  },
  {
    name: 'a task without code',
    event: 'execute',
    spec: { tasks: [{ ...one, isEmpty: true, ...listening(EXECUTE) }] },
    play: (simulation) => void simulation.trigger('d'),
    isTold: hasInstance(TaskInstanceState.SUCCESS),
  },
  {
    name: 'a success',
    event: 'success',
    spec: { tasks: [{ ...one, ...listening(SUCCESS) }] },
    play: ending(AttemptEnd.SUCCESS),
    isTold: hasInstance(TaskInstanceState.SUCCESS),
  },
  {
    name: 'a failure',
    event: 'failure',
    spec: { tasks: [{ ...one, ...listening(FAILURE) }] },
    play: ending(AttemptEnd.FAILED),
    isTold: hasInstance(TaskInstanceState.FAILED),
  },
  {
    name: 'a retry',
    event: 'retry',
    spec: { tasks: [{ ...one, retry: { retries: 1 }, ...listening(RETRY) }] },
    play: ending(AttemptEnd.FAILED),
    isTold: hasInstance(TaskInstanceState.UP_FOR_RETRY),
  },
  {
    name: 'a skip',
    event: 'skipped',
    spec: { tasks: [{ ...one, ...listening(SKIPPED) }] },
    play: ending(AttemptEnd.SKIPPED),
    isTold: hasInstance(TaskInstanceState.SKIPPED),
  },
  {
    name: 'a run that succeeds',
    event: 'success',
    spec: { tasks: [one], ...listening(SUCCESS) },
    play: ending(AttemptEnd.SUCCESS),
    isTold: hasRun(DagRunState.SUCCESS),
  },
  {
    name: 'a run that fails',
    event: 'failure',
    spec: { tasks: [one], ...listening(FAILURE) },
    play: ending(AttemptEnd.FAILED),
    isTold: hasRun(DagRunState.FAILED),
  },
  {
    name: 'a run that takes too long',
    event: 'failure',
    spec: { tasks: [one], dagrunTimeout: { seconds: 60n }, ...listening(FAILURE) },
    play: waiting,
    isTold: hasRun(DagRunState.FAILED),
  },
  {
    name: 'a deadline',
    event: 'deadline_missed',
    spec: { tasks: [one], deadlines: [deadline] },
    play: waiting,
    isTold: ({ deadlines }) => deadlines.some(({ missedAt }) => missedAt !== undefined),
  },
  {
    name: 'an SLA',
    event: 'sla_miss',
    spec: { tasks: [{ ...one, sla: { seconds: 60n }, ...listening(SLA_MISS) }] },
    play: waiting,
    isTold: ({ slaMisses }) => slaMisses.length > 0,
  },
];

/** The events that callbacks are leased for. */
function leasedFor(simulation: Simulation): readonly string[] {
  return simulation
    .lease(10)
    .filter(({ instance }) => instance.run.runType === RunType.CALLBACK)
    .map(({ instance }) => JSON.parse(instance.run.confJson).context.event as string);
}

function whole(spec: DagInit): DagInit {
  return { ...spec, dagId: 'd' };
}

test.each(kinds)('$name is told of after a takeover right behind it', (kind) => {
  const spec = whole(kind.spec);
  const simulation = createSimulation([spec], { startMs: NEW_YEAR_MS });
  kind.play(simulation);
  const at = simulation.commits.findIndex(kind.isTold);
  expect(at).toBeGreaterThanOrEqual(0);
  const history = simulation.commits.slice(0, at + 1);
  const heir = createSimulation([spec], { startMs: simulation.nowMs(), history });
  expect(leasedFor(heir)).toEqual([kind.event]);
});

test('each try that begins is told of, also when a cleared task begins again', () => {
  const spec = whole({ tasks: [{ ...one, ...listening(EXECUTE) }] });
  const simulation = createSimulation([spec], { startMs: NEW_YEAR_MS });
  const run = simulation.trigger('d');
  for (const tryNumber of [1, 2]) {
    const [attempt] = simulation.lease(1);
    expect(attempt).toMatchObject({ tryNumber });
    if (attempt !== undefined) simulation.report(attempt, { end: AttemptEnd.SUCCESS });
    expect(leasedFor(simulation)).toEqual(['execute']);
    simulation.decide((deciding, moment) =>
      clearInstances(deciding, moment, run, [...instancesOf(run)]),
    );
  }
});
