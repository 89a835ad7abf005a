// What a report about an attempt is answered, and what it changes, row by row.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd, type AttemptLease } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { lease, report, statesOf, trigger } from '../../services/scheduler/testing/executor.ts';
import { aDag, aTask } from '../../services/scheduler/testing/specs.ts';
import {
  createWorld,
  type TestScheduler,
  timing,
  type World,
} from '../../services/scheduler/testing/world.ts';
import { tablesOf } from './play/tables.ts';

type End = 'SUCCESS' | 'FAILED' | 'SKIPPED' | 'REJECTED';
type Before =
  | readonly ['report', End]
  | readonly ['mark', 'SUCCESS' | 'FAILED' | 'SKIPPED']
  /** `silence`: its worker is not heard for longer than a lease. */
  | readonly ['clear' | 'cancel' | 'silence' | 'lease'];

type Row = {
  readonly name: string;
  /** What happens once a worker has the attempt. */
  readonly before: readonly Before[];
  readonly report: End;
  /** How far the epoch of the report is from that of the attempt. */
  readonly epoch?: number;
  /** True: it is about an attempt that there never was. */
  readonly unknown?: boolean;
  readonly status: 'RECORDED' | 'STALE';
  /** The state of the task instance in the end. */
  readonly state: string;
};

let world: World;
let scheduler: TestScheduler;

beforeEach(async () => {
  world = createWorld();
  world.metadata.putDag(aDag('d', [aTask('t')]));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

describe.each(tablesOf<Row>('attempt-reports'))('$title', ({ rows }) => {
  it.each([...rows])('$name', async (row) => {
    const runId = await trigger(scheduler, 'd');
    const [held] = await lease(scheduler, 1);
    if (held?.lease === undefined) throw new Error('nothing was leased');
    for (const step of row.before) await carryOut(step, runId, held);
    const { attemptId, epoch } = held.lease;
    const outcome = {
      attemptId: row.unknown === true ? 'nobody-knows-it' : attemptId,
      epoch: epoch + BigInt(row.epoch ?? 0),
      end: AttemptEnd[row.report],
    };
    const { results } = await scheduler.client.reportAttempts(
      { executorId: 'e1', outcomes: [outcome], offers: [] },
      { timeoutMs: 60_000 },
    );
    expect(results.map(({ status }) => status)).toEqual([AttemptStatus[row.status]]);
    expect(statesOf(world.metadata, runId)).toEqual({ t: row.state });
  });
});

async function carryOut(step: Before, runId: string, held: AttemptLease): Promise<void> {
  const selection = { dagId: 'd', runId };
  switch (step[0]) {
    case 'report':
      return void (await report(scheduler, held, AttemptEnd[step[1]]));
    case 'mark': {
      const state = TaskInstanceState[step[1]];
      return void (await scheduler.client.markTaskInstances({ selection, state, actor: 'ann' }));
    }
    case 'clear':
      return void (await scheduler.client.clearTaskInstances({ selection, actor: 'ann' }));
    case 'cancel':
      return void (await scheduler.client.cancelDagRun({ ...selection, actor: 'ann' }));
    case 'silence':
      return world.clock.advance(timing.leaseTtlMs + 2 * timing.sweepMs);
    case 'lease':
      return void (await lease(scheduler, 1, { workerId: 'w2' }));
  }
}
