// Two schedulers with partitions of their own share a pool, in any order of events: never
// overdrawn, and whoever was refused has its turn though it asks only when it is told.
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { eventually } from '../../../../tests/kit/wait.ts';
import { aScheduler, type TestScheduler } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';
import { seed } from '../../../../tests/kit/seed.ts';

const { metadata, scheduler } = useMetadata();
const POOL = 'shared';
const SLOTS = 4;
const EVENTS = 120;
const AT_ONCE_MAX = 3;

type Want = { readonly taskInstanceId: string; readonly slots: number };
type Owner = {
  readonly scheduler: TestScheduler;
  readonly dagId: string;
  held: Want[];
  waiting: Want[];
  isTold: boolean;
};
let owners: readonly Owner[];

function ownerOf(one: TestScheduler): Owner {
  let n = 0;
  while (!one.epochs.has(partitionOf(`dag_${n}`))) n += 1;
  return { scheduler: one, dagId: `dag_${n}`, held: [], waiting: [], isTold: false };
}

beforeAll(async () => {
  const second = await aScheduler(metadata);
  for (const one of [scheduler, second, scheduler]) await one.renew();
  owners = [scheduler, second].map(ownerOf);
  const pool = { name: POOL, slots: SLOTS };
  await metadata.as('api', CatalogService).putPool({ pool });
});

/** Asks for what waits; what is refused waits on. */
async function ask(owner: Owner): Promise<void> {
  const asked = owner.waiting.slice(0, AT_ONCE_MAX);
  if (asked.length === 0) return;
  owner.isTold = false;
  const claims = asked.map((want) => ({ pool: POOL, ...want }));
  const answer = await owner.scheduler.commit({ poolClaims: claims }, owner.dagId);
  for (const { slots, used } of answer.pools) expect(used).toBeLessThanOrEqual(slots);
  const refused = new Set(answer.refusedTaskInstanceIds);
  const granted = asked.filter(({ taskInstanceId }) => !refused.has(taskInstanceId));
  owner.waiting = owner.waiting.filter((want) => !granted.includes(want));
  owner.held.push(...granted);
  const taken = owners.flatMap(({ held }) => held).reduce((sum, { slots }) => sum + slots, 0);
  expect(taken).toBeLessThanOrEqual(SLOTS);
}

async function giveBack(owner: Owner, choice: number): Promise<void> {
  const [want] = owner.held.splice(choice % Math.max(owner.held.length, 1), 1);
  if (want === undefined) return;
  const poolClaims = [{ pool: POOL, ...want, slots: -want.slots }];
  await owner.scheduler.commit({ poolClaims }, owner.dagId);
  await ask(owner);
}

async function work(owner: Owner, choices: readonly number[]): Promise<void> {
  for (const choice of choices) {
    if (choice % 2 === 0) {
      owner.waiting.push({ taskInstanceId: uuidV7(), slots: 1 + (choice % 3) });
      await ask(owner);
    } else await giveBack(owner, choice);
  }
  while (owner.held.length > 0 || owner.waiting.length > 0) {
    if (owner.held.length > 0) await giveBack(owner, 0);
    else {
      const what = 'it is told of free slots';
      await eventually(() => owner.isTold, { deadlineMs: 60_000, what });
      await ask(owner);
    }
  }
}

test(`nobody starves and nothing is overdrawn (DAGMESH_TEST_SEED=${seed})`, async () => {
  const ended = new AbortController();
  const watch = metadata.as('scheduler', CatalogService).watchCatalog({}, { signal: ended.signal });
  const ready = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const { pools } of watch) {
      ready.resolve();
      if (pools.includes(POOL)) for (const owner of owners) owner.isTold = true;
    }
  })().catch(() => undefined);
  await ready.promise;
  const choices = fc.sample(fc.nat(999), { numRuns: 2 * EVENTS, seed });
  const parts = [choices.slice(0, EVENTS), choices.slice(EVENTS)];
  await Promise.all(owners.map((owner, at) => work(owner, parts[at] ?? [])));
  const { page } = await metadata.as('api', QueryService).listPools({ query: {} });
  expect(page?.pools.find(({ name }) => name === POOL)?.usedSlots).toBe(0);
  ended.abort();
  await watching;
});
