// What a DAG is now is learnt from the ledger: the latest answer counts, and nobody is flooded.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fail } from '#kernel/errors/errors.ts';
import { aDag, aTask } from '../testing/specs.ts';
import { createWorld, type World } from '../testing/world.ts';
import { trigger } from '../testing/executor.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.end());

test('an answer that comes late does not bring an old version back', async () => {
  const scheduler = await world.start('s1');
  world.metadata.putDag(aDag('etl', [aTask('a')]));
  await world.clock.advance(100);
  const held = Promise.withResolvers<void>();
  let isHeld = true;
  const onLoadDag = async () => {
    if (!isHeld) return;
    isHeld = false;
    await held.promise;
  };
  world.metadata.faults.onLoadDag = onLoadDag;
  // The first reading has its answer, of the first version, and is slow to bring it.
  world.metadata.putDag(aDag('etl', [aTask('b')]));
  await world.clock.advance(100);
  world.metadata.putDag(aDag('etl', [aTask('c')]));
  await world.clock.advance(100);
  held.resolve();
  await world.clock.advance(1_000);
  await trigger(scheduler, 'etl');
  const tasks = [...world.metadata.tables.instances.values()].map(({ taskId }) => taskId);
  expect(tasks).toEqual(['c']);
});

test('a ledger that fails is asked again, later and later', async () => {
  await world.start('s1');
  let asksCount = 0;
  const onLoadDag = async () => {
    asksCount += 1;
    throw fail('database_unavailable', 'the database is away');
  };
  world.metadata.faults.onLoadDag = onLoadDag;
  world.metadata.putDag(aDag('etl', [aTask('a')]));
  await world.clock.advance(60_000);
  expect(asksCount).toBeGreaterThan(10);
  expect(asksCount).toBeLessThan(80);
});
