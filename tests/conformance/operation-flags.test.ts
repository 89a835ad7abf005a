// Which task instances a clear or a mark means, by its flags: three runs of a chain, a day apart.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { lease, report, statesOf } from '../../services/scheduler/testing/executor.ts';
import { aDag, aTask } from '../../services/scheduler/testing/specs.ts';
import { createWorld, type TestScheduler } from '../../services/scheduler/testing/world.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  /** As the API spells them; the others are false. */
  readonly flags: readonly (keyof typeof FLAGS)[];
  /** The state that a mark sets. */
  readonly state?: 'success' | 'failed' | 'skipped';
  /** `run task`, runs by date, tasks in the order of the DAG. */
  readonly meant: readonly string[];
};

/** Which part of a request says it, and how it is called there. */
const FLAGS = {
  include_upstream: ['selection', 'includeUpstream'],
  include_downstream: ['selection', 'includeDownstream'],
  include_past: ['selection', 'includePast'],
  include_future: ['selection', 'includeFuture'],
  only_failed: ['request', 'onlyFailed'],
  only_running: ['request', 'onlyRunning'],
} as const;

const DAY_MS = 86_400_000;
/** How the tries of the tasks end in each run; of the others none has ended. */
const ENDINGS: Readonly<Record<string, Readonly<Record<string, AttemptEnd>>>> = {
  r1: { a: AttemptEnd.SUCCESS, e: AttemptEnd.SUCCESS, b: AttemptEnd.FAILED },
  r2: { a: AttemptEnd.SUCCESS, e: AttemptEnd.SUCCESS, b: AttemptEnd.SUCCESS },
  r3: {
    ...{ a: AttemptEnd.SUCCESS, e: AttemptEnd.SUCCESS, b: AttemptEnd.SUCCESS },
    c: AttemptEnd.FAILED,
  },
};

const world = createWorld();
let scheduler: TestScheduler;

beforeAll(async () => {
  const tasks = [aTask('a'), aTask('b', ['a']), aTask('c', ['b']), aTask('e', ['a'])];
  world.metadata.putDag(aDag('d', tasks));
  scheduler = await world.start('s1');
  for (const runId of Object.keys(ENDINGS)) await play(runId);
  expect(statesOf(world.metadata, 'r1')).toMatchObject({ b: 'FAILED', c: 'UPSTREAM_FAILED' });
  expect(statesOf(world.metadata, 'r2')).toMatchObject({ b: 'SUCCESS', c: 'RUNNING' });
  expect(statesOf(world.metadata, 'r3')).toMatchObject({ b: 'SUCCESS', c: 'FAILED' });
});
afterAll(() => world.end());

describe.each(tablesOf<Row>('clear-flags'))('$title', ({ rows }) => {
  it.each([...rows])('$name', async (row) => {
    const { taskInstances } = await scheduler.client.clearTaskInstances({
      ...flagsOf(row, 'request'),
      selection: selectionOf(row),
      actor: 'ann',
      dryRun: true,
    });
    expect(taskInstances.map(({ runId, taskId }) => `${runId} ${taskId}`)).toEqual(row.meant);
  });
});

describe.each(tablesOf<Row>('mark-flags'))('$title', ({ rows }) => {
  it.each([...rows])('$name', async (row) => {
    const state = TaskInstanceState[(row.state ?? 'success').toUpperCase() as 'SUCCESS'];
    const { taskInstances } = await scheduler.client.markTaskInstances({
      ...{ selection: selectionOf(row), state, actor: 'ann', dryRun: true },
    });
    expect(taskInstances.map(({ runId, taskId }) => `${runId} ${taskId}`)).toEqual(row.meant);
  });
});

function selectionOf(row: Row) {
  return { dagId: 'd', runId: 'r2', taskIds: ['b'], ...flagsOf(row, 'selection') };
}

function flagsOf({ flags }: Row, place: 'selection' | 'request'): Readonly<Record<string, true>> {
  const own = flags.map((flag) => FLAGS[flag]).filter(([part]) => part === place);
  return Object.fromEntries(own.map(([, name]) => [name, true]));
}

/** A run of its day, whose tries end as they are to; what is left stays with its worker. */
async function play(runId: string): Promise<void> {
  const logicalDate = toTimestamp(world.clock.nowMs() + Number(runId.slice(1)) * DAY_MS);
  const place = { dagId: 'd', runId, logicalDate };
  await scheduler.client.triggerDagRun({ ...place, actor: 'ann', requestId: runId });
  for (let leases = await lease(scheduler, 9); leases.length > 0; ) {
    for (const each of leases) {
      const end = ENDINGS[runId]?.[each.lease?.taskId ?? ''];
      if (end !== undefined) await report(scheduler, each, end);
    }
    leases = await lease(scheduler, 9);
  }
}
