// Limits and pools: what is open, and who is queued in which order, row by row.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { PoolStateSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { nameOf } from '../../services/scheduler/core/instance.ts';
import { setGate } from '../../services/scheduler/core/dag.ts';
import { loadPool } from '../../services/scheduler/core/load/load.ts';
import { freeSlots, poolOf, takenSlots } from '../../services/scheduler/core/limit/pool.ts';
import { startRuns } from '../../services/scheduler/core/run/runs.ts';
import { TaskInstanceState } from '../../services/scheduler/core/state.ts';
import {
  createSimulation,
  type DagInit,
  type OutcomeInit,
  type Simulation,
} from '../../services/scheduler/simulator/simulation.ts';
import { tablesOf } from './play/tables.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type HolderState =
  | 'running'
  | 'queued'
  | 'deferred'
  | 'up_for_reschedule'
  | 'awaiting_input'
  | 'up_for_retry';

type PoolRow = {
  readonly name: string;
  /** −1 means infinite. */
  readonly slots: number;
  readonly include_deferred: boolean;
  readonly holders: readonly { readonly state: HolderState; readonly slots: number }[];
  /** Slots the pool is given once the holders have theirs. */
  readonly resized_to?: number;
  /** What another task needs. */
  readonly needs: number;
  /** Null means infinitely many. */
  readonly open: number | null;
  readonly is_queued: boolean;
};

/** How a task that runs comes to a state; undefined for those that stay as they are. */
const OUTCOMES: Readonly<Record<HolderState, OutcomeInit | undefined>> = {
  running: undefined,
  queued: undefined,
  deferred: {
    end: AttemptEnd.DEFERRED,
    defer: { trigger: { kind: { case: 'file', value: { path: '/data/x' } } } },
  },
  up_for_reschedule: { end: AttemptEnd.RESCHEDULED, rescheduleAt: toTimestamp(DAY_MS) },
  awaiting_input: {
    end: AttemptEnd.AWAITING_INPUT,
    awaitInput: { humanInput: { subject: 'Go on?', options: ['Yes'] } },
  },
  up_for_retry: { end: AttemptEnd.FAILED },
};

function setPool({ picture }: Simulation, row: PoolRow, slots: number): void {
  const used = takenSlots(poolOf(picture, 'p'));
  const includeDeferred = row.include_deferred;
  loadPool(picture, create(PoolStateSchema, { pool: 'p', slots, used, includeDeferred }));
}

/** Holders get their slots and come to their states; then another task wants some. */
function playPool(row: PoolRow) {
  const retry = { retries: 1, delay: toDuration(DAY_MS) };
  const holders = row.holders.map(({ state, slots }, at) => ({
    ...{ taskId: `h${at}`, pool: 'p', poolSlots: slots, retry },
    queue: state === 'queued' ? 'unserved' : 'served',
  }));
  const another = { taskId: 'another', pool: 'p', poolSlots: row.needs };
  const simulation = createSimulation(
    [
      { dagId: 'holders', tasks: holders },
      { dagId: 'another', tasks: [another] },
    ],
    { startMs: 0, pools: { p: row.slots } },
  );
  setPool(simulation, row, row.slots);
  simulation.trigger('holders');
  for (const attempt of simulation.lease(99, ['served'])) {
    const holder = row.holders[Number(attempt.instance.task.taskId.slice(1))];
    const outcome = holder === undefined ? undefined : OUTCOMES[holder.state];
    if (outcome !== undefined) simulation.report(attempt, outcome);
  }
  if (row.resized_to !== undefined) setPool(simulation, row, row.resized_to);
  const open = freeSlots(poolOf(simulation.picture, 'p'));
  const run = simulation.trigger('another');
  const isQueued = run.nodes[0]?.instances[0]?.state === TaskInstanceState.QUEUED;
  return { open: Number.isFinite(open) ? open : null, is_queued: isQueued };
}

describe.each(tablesOf<PoolRow>('limits_pool'))('$title', ({ rows }) => {
  it.each([...rows])('$name', (row) => {
    expect(playPool(row)).toEqual({ open: row.open, is_queued: row.is_queued });
  });
});

type TaskRow = {
  /** Absolute; 1 when it is not given. */
  readonly weight?: number;
  readonly slots?: number;
  readonly pool?: string;
  /** It is mapped over so many. */
  readonly elements?: number;
  readonly per_dag_max?: number;
  readonly per_run_max?: number;
};

type QueueRow = {
  readonly name: string;
  /** Of the default pool. */
  readonly slots: number;
  /** Of a pool named `other`. */
  readonly other_slots?: number;
  readonly dags: {
    readonly [dagId: string]: {
      readonly max_active_tasks?: number;
      readonly max_active_runs?: number;
      readonly tasks: { readonly [taskId: string]: TaskRow };
    };
  };
  readonly runs: readonly {
    readonly dag: string;
    readonly run_after_hour?: number;
    /** None when it is not given. */
    readonly logical_hour?: number;
  }[];
  /** `<number of the run>.<task>`, in the order in which they are leased. */
  readonly queued: readonly string[];
};

function dagsOf({ dags }: QueueRow): DagInit[] {
  return Object.entries(dags).map(([dagId, dag]) => ({
    dagId,
    activeTasksMax: dag.max_active_tasks ?? 0,
    activeRunsMax: dag.max_active_runs ?? 0,
    tasks: Object.entries(dag.tasks).map(([taskId, task]) => ({
      taskId,
      priorityWeight: task.weight ?? 1,
      weightRule: WeightRule.ABSOLUTE,
      pool: task.pool ?? '',
      poolSlots: task.slots ?? 1,
      activeTisPerDagMax: task.per_dag_max ?? 0,
      activeTisPerDagrunMax: task.per_run_max ?? 0,
      ...(task.elements === undefined ? {} : { mapping: overNumbers(task.elements) }),
    })),
  }));
}

function overNumbers(count: number) {
  const valueJson = JSON.stringify(Array.from({ length: count }, (_, at) => at));
  const source = { kind: { case: 'valueJson' as const, value: valueJson } };
  return { kind: { case: 'product' as const, value: { arguments: [{ name: 'x', source }] } } };
}

/** All runs begin in the same moment; then everything that was queued is leased. */
function playQueue(row: QueueRow): readonly string[] {
  const simulation = createSimulation(dagsOf(row), {
    startMs: DAY_MS,
    pools: { default_pool: row.slots, other: row.other_slots ?? 0 },
    pausedDagIds: Object.keys(row.dags),
  });
  const numbers = new Map(
    row.runs.map(({ dag, run_after_hour = 0, logical_hour }, at) => {
      const logicalDateMs = logical_hour === undefined ? undefined : logical_hour * HOUR_MS;
      const runAfterMs = run_after_hour * HOUR_MS;
      return [simulation.trigger(dag, { runAfterMs, logicalDateMs }), at + 1] as const;
    }),
  );
  simulation.decide((deciding, moment) => {
    for (const dag of simulation.picture.dags.values()) {
      setGate(dag, false);
      startRuns(deciding, moment, dag);
    }
  });
  return simulation
    .lease(99)
    .map(({ instance }) => `${numbers.get(instance.run)}.${nameOf(instance)}`);
}

describe.each(tablesOf<QueueRow>('limits_queue'))('$title', ({ rows }) => {
  it.each([...rows])('$name', (row) => {
    expect(playQueue(row)).toEqual(row.queued);
  });
});

it('a rate lets the next one begin, though what had begun first was given back', () => {
  const key = { key: 'k', rateCount: 1, ratePeriod: toDuration(HOUR_MS) };
  const tasks = ['a', 'b'].map((taskId) => ({ taskId, limitKeys: ['k'] }));
  const simulation = createSimulation([{ dagId: 'd', keyLimits: [key], tasks }], { startMs: 0 });
  simulation.trigger('d');
  const [first] = simulation.lease(9);
  if (first === undefined) throw new Error('nothing could be leased');
  simulation.report(first, { end: AttemptEnd.REJECTED });
  simulation.advanceTo(HOUR_MS / 2);
  expect(simulation.lease(9)).toHaveLength(1);
  simulation.advanceTo(HOUR_MS);
  expect(simulation.lease(9)).toHaveLength(0);
  simulation.advanceTo(HOUR_MS * 1.5);
  expect(simulation.lease(9)).toHaveLength(1);
});
