// Pool slots over several schedulers: never more taken than there are, never lost, waiting
// schedulers told.
import { beforeAll, expect, test } from 'vitest';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { eventually } from '../../../../tests/kit/wait.ts';
import {
  aRun,
  aScheduler,
  aTaskInstance,
  anAttempt,
  type TestScheduler,
  loadPicture,
} from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf } = useMetadata();
let schedulers: readonly TestScheduler[];

/** A DAG that the scheduler owns. */
const dagOf = new Map<TestScheduler, string>();

beforeAll(async () => {
  const second = await aScheduler(metadata);
  for (const one of [scheduler, second, scheduler]) await one.renew();
  schedulers = [scheduler, second];
  for (const one of schedulers) dagOf.set(one, ownDag(one));
});

const catalog = () => metadata.as('api', CatalogService);
const putPool = (name: string, slots: number) => catalog().putPool({ pool: { name, slots } });
const used = async (name: string) => {
  const { page } = await metadata.as('api', QueryService).listPools({ query: {} });
  return page?.pools.find((pool) => pool.name === name)?.usedSlots;
};
const claim = (pool: string, slots: number, taskInstanceId: string = uuidV7()) => ({
  pool,
  slots,
  taskInstanceId,
});

function ownDag(scheduler: TestScheduler): string {
  for (let n = 0; ; n += 1) {
    const dagId = `dag_${n}`;
    if (scheduler.epochs.has(partitionOf(dagId))) return dagId;
  }
}

test('two schedulers that race for a pool together get exactly its slots', async () => {
  await putPool('race', 25);
  const granted = await Promise.all(
    schedulers.map(async (scheduler) => {
      let count = 0;
      for (let round = 0; round < 20; round += 1) {
        const claims = [claim('race', 1), claim('race', 1)];
        const answer = await scheduler.commit({ poolClaims: claims }, dagOf.get(scheduler));
        count += claims.length - answer.refusedTaskInstanceIds.length;
        for (const pool of answer.pools) expect(pool.used).toBeLessThanOrEqual(pool.slots);
      }
      return count;
    }),
  );
  expect(granted.reduce((sum, count) => sum + count, 0)).toBe(25);
  expect(await used('race')).toBe(25);
});

test('two schedulers that claim the same pools in opposite orders both go on', async () => {
  await putPool('one', -1);
  await putPool('two', -1);
  await Promise.all(
    schedulers.map(async (scheduler, index) => {
      const names = index === 0 ? ['one', 'two'] : ['two', 'one'];
      for (let round = 0; round < 20; round += 1) {
        const poolClaims = names.map((name, place) =>
          claim(name, place === 0 || round > 9 ? 1 : -1),
        );
        await scheduler.commit({ poolClaims }, dagOf.get(scheduler));
      }
    }),
  );
  expect([(await used('one')) ?? 0, (await used('two')) ?? 0].every((count) => count >= 20)).toBe(
    true,
  );
});

test('a refused task instance stays scheduled, as it was before, and gets no attempt', async () => {
  await putPool('full', 1);
  const [scheduler] = schedulers as readonly [TestScheduler];
  const dagId = dagOf.get(scheduler) ?? '';
  await scheduler.commit({ poolClaims: [claim('full', 1)] }, dagId);
  const run = aRun({ dagId });
  const instance = aTaskInstance({
    dagRunId: run.id,
    state: TaskInstanceState.UP_FOR_RETRY,
    tryNumber: 1,
    epoch: 1n,
  });
  const lost = anAttempt({ taskInstanceId: instance.id, state: TaskAttemptState.LOST });
  const fresh = aTaskInstance({ dagRunId: run.id, taskId: 'load' });
  await scheduler.commit(
    {
      newRuns: [run],
      newTaskInstances: [{ ...instance, attemptId: lost.attemptId }],
      newAttempts: [lost],
    },
    dagId,
  );

  const next = anAttempt({ taskInstanceId: instance.id, tryNumber: 2, epoch: 2n });
  const tried = {
    state: TaskInstanceState.RUNNING,
    tryNumber: 2,
    epoch: 2n,
    attemptId: next.attemptId,
  };
  const answer = await scheduler.commit(
    {
      newTaskInstances: [{ ...fresh, state: TaskInstanceState.QUEUED }],
      changedTaskInstances: [{ ...instance, ...tried }],
      newAttempts: [next],
      poolClaims: [claim('full', 1, instance.id), claim('full', 1, fresh.id)],
    },
    dagId,
  );
  expect(answer.refusedTaskInstanceIds).toEqual([instance.id, fresh.id]);
  expect(answer.pools).toMatchObject([{ pool: 'full', slots: 1, used: 1 }]);

  const { page } = await metadata
    .as('api', QueryService)
    .listTaskInstances({ query: { dagId, runId: run.runId } });
  expect(page?.taskInstances).toMatchObject([
    { state: TaskInstanceState.SCHEDULED, tryNumber: 1, epoch: 1n, attemptId: lost.attemptId },
    { state: TaskInstanceState.SCHEDULED, tryNumber: 0, epoch: 0n, attemptId: '' },
  ]);
});

test('a pool that nobody made refuses, and giving back to it does no harm', async () => {
  const [scheduler] = schedulers as readonly [TestScheduler];
  const claims = [claim('nowhere', -3), claim('nowhere', 1, 'a')];
  const answer = await scheduler.commit({ poolClaims: claims }, dagOf.get(scheduler));
  expect(answer.refusedTaskInstanceIds).toEqual(['a']);
});

test('more given back than was taken leaves an empty pool, not a debt', async () => {
  await putPool('over', 2);
  const [scheduler] = schedulers as readonly [TestScheduler];
  await scheduler.commit({ poolClaims: [claim('over', 1)] }, dagOf.get(scheduler));
  await scheduler.commit({ poolClaims: [claim('over', -5)] }, dagOf.get(scheduler));
  expect(await used('over')).toBe(0);
});

test('a limit lowered below what is in use drains, and only then grants again', async () => {
  await putPool('shrink', 4);
  const [scheduler] = schedulers as readonly [TestScheduler];
  const commit = (...poolClaims: ReturnType<typeof claim>[]) =>
    scheduler.commit({ poolClaims }, dagOf.get(scheduler));
  await commit(claim('shrink', 4));
  await putPool('shrink', 1);
  expect(await used('shrink')).toBe(4);
  const swap = await commit(claim('shrink', -1), claim('shrink', 1, 'b'));
  expect(swap.refusedTaskInstanceIds).toEqual(['b']);
  await commit(claim('shrink', -2));
  expect(await used('shrink')).toBe(1);
  const later = await commit(claim('shrink', -1), claim('shrink', 1));
  expect(later.refusedTaskInstanceIds).toEqual([]);
});

test('no statement can overdraw a pool, not even one written by hand', async () => {
  await putPool('law', 3);
  const overdraw = rowsOf(
    `insert into slot_pool_entry (pool, entry_no, slots, used) values ('law', 999, 3, 4)`,
  );
  await expect(overdraw).rejects.toThrow('slot_pool_is_never_overdrawn');
});

test('schedulers are told when another one gives slots back', async () => {
  const [first, second] = schedulers as readonly [TestScheduler, TestScheduler];
  const heard = new Set<string>();
  const ended = new AbortController();
  const ready = Promise.withResolvers<void>();
  const watching = (async () => {
    const watch = metadata
      .as('scheduler', CatalogService)
      .watchCatalog({}, { signal: ended.signal });
    for await (const { pools } of watch) {
      ready.resolve();
      for (const pool of pools) heard.add(pool);
    }
  })().catch(() => undefined);
  await ready.promise;
  await putPool('told', 1);
  await eventually(() => heard.has('told'), { deadlineMs: 60_000, what: 'the new pool is told' });
  heard.clear();
  await first.commit({ poolClaims: [claim('told', 1)] }, dagOf.get(first));
  const refused = await second.commit({ poolClaims: [claim('told', 1)] }, dagOf.get(second));
  expect(refused.refusedTaskInstanceIds).toHaveLength(1);
  expect(heard.has('told')).toBe(false);
  await first.commit({ poolClaims: [claim('told', -1)] }, dagOf.get(first));
  await eventually(() => heard.has('told'), { deadlineMs: 60_000, what: 'the freed pool is told' });
  ended.abort();
  await watching;
});

test('a pool in use, and the default pool, cannot be deleted', async () => {
  await putPool('gone', 1);
  const [scheduler] = schedulers as readonly [TestScheduler];
  const remove = (name: string) =>
    catalog()
      .deletePool({ name })
      .then(
        () => 'deleted',
        (error: unknown) => reasonOf(error),
      );
  await scheduler.commit({ poolClaims: [claim('gone', 1)] }, dagOf.get(scheduler));
  expect(await remove('gone')).toBe('pool_in_use');
  await scheduler.commit({ poolClaims: [claim('gone', -1)] }, dagOf.get(scheduler));
  expect(await remove('gone')).toBe('deleted');
  expect(await remove('gone')).toBe('pool_not_found');
  expect(await remove('default_pool')).toBe('pool_protected');
});

test('a pool says whether tasks that wait keep their slots, whoever asks', async () => {
  const pool = { name: 'patient', slots: 2, includeDeferred: true };
  await catalog().putPool({ pool });
  const [scheduler] = schedulers as readonly [TestScheduler];
  for (const slots of [1, -1]) {
    const { pools } = await scheduler.commit(
      { poolClaims: [claim('patient', slots)] },
      dagOf.get(scheduler),
    );
    expect(pools).toMatchObject([{ pool: 'patient', includeDeferred: true }]);
  }
  const stateOf = async () => {
    const { pools } = await loadPicture(metadata, 'etl');
    return pools.find((one) => one.pool === 'patient');
  };
  expect(await stateOf()).toMatchObject({ slots: 2, used: 0, includeDeferred: true });
  await catalog().putPool({ pool: { ...pool, includeDeferred: false } });
  expect(await stateOf()).toMatchObject({ includeDeferred: false });
});

test('a pool is made once when it must not be replaced', async () => {
  const pool = { name: 'fresh', slots: 2 };
  await catalog().putPool({ pool, createOnly: true });
  const again = await catalog()
    .putPool({ pool, createOnly: true })
    .catch((error: unknown) => reasonOf(error));
  expect(again).toBe('pool_exists');
});
