// A scheduler from outside: what executors and users see, and what is committed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DagRunState, TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { lease, renew, report, runOf, statesOf, taskIdsOf, trigger } from './testing/executor.ts';
import { aChain, aDag, aTask } from './testing/specs.ts';
import { createWorld, type TestScheduler, timing, type World } from './testing/world.ts';

let world: World;
let scheduler: TestScheduler;

beforeEach(async () => {
  world = createWorld();
  world.metadata.putDag(aDag('chain', aChain(3)));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

describe('a chain', () => {
  test('runs to its end, one commit for each hop', async () => {
    const runId = await trigger(scheduler, 'chain');
    let [next] = await lease(scheduler, 1);
    for (const expected of ['t1', 't2', 't3']) {
      expect(next?.lease?.taskId).toBe(expected);
      if (next === undefined) return;
      const before = world.metadata.commits.length;
      const answer = await report(scheduler, next, AttemptEnd.SUCCESS, { slots: 1 });
      expect(answer.results.map(({ status }) => status)).toEqual([AttemptStatus.RECORDED]);
      expect(world.metadata.commits.length).toBe(before + 1);
      [next] = answer.leases;
    }
    expect(statesOf(world.metadata, runId)).toEqual({
      t1: 'SUCCESS',
      t2: 'SUCCESS',
      t3: 'SUCCESS',
    });
    expect(runOf(world.metadata, runId)?.state).toBe(DagRunState.SUCCESS);
    expect(world.metadata.tables.pools.get('default_pool')?.used).toBe(0);
  });
});

describe('an executor that asks for work', () => {
  test('gets it in the order of rank', async () => {
    world.metadata.putDag(
      aDag('ranks', [
        aTask('low', [], { priorityWeight: 1 }),
        aTask('high', [], { priorityWeight: 9 }),
        aTask('middle', [], { priorityWeight: 5 }),
      ]),
    );
    await world.clock.advance(100);
    await trigger(scheduler, 'ranks');
    expect(taskIdsOf(await lease(scheduler, 3))).toEqual(['high', 'middle', 'low']);
  });

  test('and waits gets work that was being committed when it asked', async () => {
    const free = world.metadata.holdCommits();
    const triggered = trigger(scheduler, 'chain');
    await world.clock.advance(10);
    const waiting = lease(scheduler, 1, { waitMs: 5_000 });
    await world.clock.advance(10);
    free();
    await triggered;
    const before = world.clock.monotonicMs();
    expect(taskIdsOf(await world.during(waiting))).toEqual(['t1']);
    expect(world.clock.monotonicMs() - before).toBeLessThan(1_000);
  });

  test('and goes away leaves its leases to others', async () => {
    await trigger(scheduler, 'chain');
    const free = world.metadata.holdCommits();
    const call = new AbortController();
    const abandoned = lease(scheduler, 1, { signal: call.signal }).catch(() => []);
    await world.clock.advance(10);
    call.abort();
    await abandoned;
    free();
    await world.clock.advance(100);
    const [leased] = await lease(scheduler, 1);
    expect(leased?.lease).toMatchObject({ taskId: 't1', tryNumber: 1 });
  });

  test('gets no more text in one answer than a message bears', async () => {
    const conf = JSON.stringify({ text: 'x'.repeat(250_000) });
    world.metadata.putDag(aDag('big', [aTask('t1')], { activeRunsMax: 200 }));
    await world.clock.advance(100);
    for (let index = 0; index < 120; index += 1) {
      const name = { dagId: 'big', actor: 'me', requestId: `big-${index}` };
      await scheduler.client.triggerDagRun({ ...name, confJson: conf });
    }
    const leases = await lease(scheduler, 120);
    const size = leases.reduce((sum, { lease }) => sum + (lease?.paramsJson.length ?? 0), 0);
    expect(leases.length).toBeGreaterThan(10);
    expect(size).toBeLessThan(16_000_000);
    const rest = await lease(scheduler, 120);
    expect(rest.length).toBeGreaterThan(0);
  });
});

describe('a report', () => {
  test('that is repeated gets the same answer, and one of a superseded attempt is stale', async () => {
    await trigger(scheduler, 'chain');
    const [leased] = await lease(scheduler, 1);
    if (leased === undefined) throw new Error('no lease');
    await report(scheduler, leased);
    const again = await report(scheduler, leased);
    expect(again.results[0]?.status).toBe(AttemptStatus.RECORDED);
    const other = await report(scheduler, leased, AttemptEnd.FAILED);
    expect(other.results[0]?.status).toBe(AttemptStatus.STALE);
  });

  test('about an attempt of another owner fails without costing others their leases', async () => {
    await trigger(scheduler, 'chain');
    const [foreign] = await lease(scheduler, 1);
    if (foreign === undefined) throw new Error('no lease');
    await trigger(scheduler, 'chain');
    const other = partitionOf('chain');
    world.metadata.putDag(aDag(anIdOutside(other), [aTask('own')]));
    await world.clock.advance(100);
    world.metadata.takePartitions('somebody', [other]);
    await world.clock.advance(timing.schedulerTtlMs);
    await trigger(scheduler, anIdOutside(other));
    const failed = await report(scheduler, foreign, AttemptEnd.SUCCESS, { slots: 1 }).catch(
      reasonOf,
    );
    expect(failed).toBe('not_owner');
    expect(taskIdsOf(await lease(scheduler, 1))).toEqual(['own']);
  });
});

describe('a worker that is lost', () => {
  test('three times with the same task has been poisoned by it, whoever decides', async () => {
    await trigger(scheduler, 'chain', 'poisoned');
    let current = scheduler;
    for (let loss = 1; loss <= 3; loss += 1) {
      const [leased] = await lease(current, 1);
      if (leased === undefined) throw new Error(`no lease ${loss}`);
      await report(current, leased, AttemptEnd.LOST);
      if (loss === 3) break;
      current.kill();
      current = await world.start(`heir${loss}`);
      await world.clock.advance(5_000);
    }
    expect(statesOf(world.metadata, 'poisoned')['t1']).toBe('FAILED');
  });

  test('is found by its silence, and its task goes to the next one', async () => {
    await trigger(scheduler, 'chain');
    const [leased] = await lease(scheduler, 1);
    await world.clock.advance(timing.leaseTtlMs + 2 * timing.sweepMs);
    const [next] = await lease(scheduler, 1, { workerId: 'w2' });
    expect(next?.lease).toMatchObject({ taskId: 't1', epoch: 2n });
    const lost = await renew(scheduler, leased === undefined ? [] : [leased]);
    expect(lost.lostAttemptIds).toEqual([leased?.lease?.attemptId]);
  });

  test('because the ledger was away is not lost', async () => {
    await trigger(scheduler, 'chain');
    const [leased] = await lease(scheduler, 1);
    const free = world.metadata.holdCommits();
    const blocked = trigger(scheduler, 'chain').catch(() => '');
    await world.clock.advance(3 * timing.leaseTtlMs);
    free();
    await blocked;
    await world.clock.advance(2 * timing.sweepMs);
    const attempt = world.metadata.tables.attempts.get(leased?.lease?.attemptId ?? '');
    expect(attempt?.state).toBe(TaskAttemptState.RUNNING);
  });
});

describe('a task that overstays', () => {
  test('is ended by the server, counted from its start, also after a takeover', async () => {
    const timeout = { executionTimeout: { seconds: 60n } };
    world.metadata.putDag(aDag('slow', [aTask('t1', [], timeout)]));
    await world.clock.advance(100);
    await trigger(scheduler, 'slow', 'slow-run');
    const [leased] = await lease(scheduler, 1);
    if (leased === undefined) throw new Error('no lease');
    const keepAlive = async (who: TestScheduler, ms: number) => {
      for (let passedMs = 0; passedMs < ms; passedMs += 5_000) {
        await renew(who, [leased]);
        await world.clock.advance(5_000);
      }
    };
    await keepAlive(scheduler, 50_000);
    scheduler.kill();
    const heir = await world.start('heir');
    await world.clock.advance(5_000);
    await keepAlive(heir, 30_000);
    expect(statesOf(world.metadata, 'slow-run')['t1']).toBe('FAILED');
    expect(world.told).toContain(leased.lease?.attemptId);
  });
});

describe('a pool', () => {
  test('that another scheduler has emptied is asked again, though nobody told', async () => {
    world.metadata.tables.pools.set('p', { slots: 1, used: 1 });
    world.metadata.putDag(aDag('pooled', [aTask('t1', [], { pool: 'p' })]));
    await world.clock.advance(100);
    await trigger(scheduler, 'pooled');
    expect(await lease(scheduler, 1)).toEqual([]);
    world.metadata.tables.pools.set('p', { slots: 1, used: 0 });
    await world.clock.advance(2 * timing.reconcileMs);
    expect(taskIdsOf(await lease(scheduler, 1))).toEqual(['t1']);
  });

  test('without limit stays so when it is told to have changed', async () => {
    world.metadata.tables.pools.set('wide', { slots: -1, used: 0 });
    const tasks = Array.from({ length: 90 }, (_, index) =>
      aTask(`t${index}`, [], { pool: 'wide' }),
    );
    world.metadata.putDag(aDag('wide', [aTask('first', [], { pool: 'wide' }), ...tasks]));
    await world.clock.advance(100);
    await trigger(scheduler, 'wide');
    await lease(scheduler, 1);
    world.metadata.tellPools(['wide']);
    await world.clock.advance(100);
    expect((await lease(scheduler, 90)).length).toBe(90);
  });
});

describe('a commit', () => {
  test('stays bearable however much is decided while the ledger is away', async () => {
    const tasks = Array.from({ length: 50 }, (_, index) => aTask(`t${index}`));
    world.metadata.putDag(aDag('fan', tasks, { activeRunsMax: 1_000 }));
    await world.clock.advance(100);
    const free = world.metadata.holdCommits();
    const triggered = Array.from({ length: 300 }, () => trigger(scheduler, 'fan'));
    await world.clock.advance(1_000);
    free();
    await world.during(Promise.all(triggered));
    const sizes = world.metadata.commits.map(({ newTaskInstances }) => newTaskInstances.length);
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBe(15_000);
    expect(Math.max(...sizes)).toBeLessThan(5_000);
  });
});

describe('a partition that moves', () => {
  test('costs those who ask about others no more than asking again', async () => {
    const moved = partitionOf('chain');
    const stays = anIdOutside(moved);
    world.metadata.putDag(aDag(stays, aChain(2)));
    await world.clock.advance(100);
    await trigger(scheduler, stays, 'stays');
    const [leased] = await lease(scheduler, 1);
    if (leased === undefined) throw new Error('no lease');
    world.metadata.takePartitions('somebody', [moved]);
    const lost = trigger(scheduler, 'chain').catch(reasonOf);
    const kept = report(scheduler, leased).catch(reasonOf);
    expect(await world.during(lost)).toBe('not_owner');
    await kept;
    await world.clock.advance(timing.schedulerTtlMs);
    const answer = await report(scheduler, leased, AttemptEnd.SUCCESS, { slots: 1 });
    expect(answer.results[0]?.status).toBe(AttemptStatus.RECORDED);
    const next = answer.leases.length > 0 ? answer.leases : await lease(scheduler, 1);
    expect(taskIdsOf(next)).toEqual(['t2']);
  });
});

describe('a run that is cancelled', () => {
  test('fails with what was running in it, and skips the rest', async () => {
    await trigger(scheduler, 'chain', 'unwanted');
    const [leased] = await lease(scheduler, 1);
    const name = { dagId: 'chain', runId: 'unwanted', actor: 'me' };
    const answer = await scheduler.client.cancelDagRun(name);
    expect(answer.cancelledAttemptsCount).toBe(1);
    expect(statesOf(world.metadata, 'unwanted')).toEqual({
      t1: 'FAILED',
      t2: 'SKIPPED',
      t3: 'SKIPPED',
    });
    expect(world.told).toEqual([leased?.lease?.attemptId]);
  });
});

/** A DAG id of any other partition. */
function anIdOutside(partition: number): string {
  for (let index = 0; ; index += 1) {
    const dagId = `other${index}`;
    if (partitionOf(dagId) !== partition) return dagId;
  }
}
