// Quirks of Airflow that no table shows: what becomes of them here.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DagRunState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  lease,
  playAll,
  report,
  runOf,
  statesOf,
  trigger,
} from '../../services/scheduler/testing/executor.ts';
import { aChain, aDag, aTask } from '../../services/scheduler/testing/specs.ts';
import {
  createWorld,
  type TestScheduler,
  type World,
} from '../../services/scheduler/testing/world.ts';

let world: World;
let scheduler: TestScheduler;

beforeEach(async () => {
  world = createWorld();
  world.metadata.putDag(aDag('chain', aChain(2)));
  world.metadata.putDag(aDag('other', aChain(1)));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

const play = (...failing: readonly string[]) => playAll(scheduler, failing);

describe('8: a version of a DAG that cannot be read', () => {
  const brokenChain = () => aDag('chain', [aTask('t1', ['t2']), aTask('t2', ['t1'])]);

  it('fails no task: runs that go on keep the version they have', async () => {
    const runId = await trigger(scheduler, 'chain');
    const [first] = await lease(scheduler, 1);
    if (first === undefined) throw new Error('nothing was leased');
    world.metadata.putDag(brokenChain());
    await world.clock.advance(1_000);
    await report(scheduler, first);
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'SUCCESS', t2: 'QUEUED' });
    await play();
    expect(runOf(world.metadata, runId)?.state).toBe(DagRunState.SUCCESS);
  });

  it('fails no task of those that another scheduler takes over either', async () => {
    const runId = await trigger(scheduler, 'chain');
    const otherId = await trigger(scheduler, 'other');
    world.metadata.putDag(brokenChain());
    await world.clock.advance(1_000);
    await scheduler.stop();
    scheduler = await world.start('s2');
    await play();
    expect(statesOf(world.metadata, otherId)).toEqual({ t1: 'SUCCESS' });
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'SUCCESS', t2: 'SUCCESS' });
  });
});

describe('18: a clear that says nothing but what it means', () => {
  it('is no dry run, and clears what succeeded as well as what failed', async () => {
    const runId = await trigger(scheduler, 'chain');
    await play('t2');
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'SUCCESS', t2: 'FAILED' });
    const selection = { dagId: 'chain', runId };
    const { totalCount } = await scheduler.client.clearTaskInstances({ selection, actor: 'ann' });
    expect(totalCount).toBe(2);
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'QUEUED', t2: 'NONE' });
    expect(runOf(world.metadata, runId)?.state).toBe(DagRunState.RUNNING);
  });

  it('of a task alone clears it, though it succeeded', async () => {
    const runId = await trigger(scheduler, 'chain');
    await play();
    const selection = { dagId: 'chain', runId, taskIds: ['t1'] };
    await scheduler.client.clearTaskInstances({ selection, actor: 'ann' });
    expect(statesOf(world.metadata, runId)).toEqual({ t1: 'QUEUED', t2: 'SUCCESS' });
  });
});
