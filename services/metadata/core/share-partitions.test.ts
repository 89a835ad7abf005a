// Partitions end evenly shared, whoever comes and goes, in whatever order schedulers renew.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PARTITIONS_COUNT } from '#kernel/partition/partition.ts';
import { type Ownership, shareOf, sharePartitions } from './share-partitions.ts';

/** The database in small: an owner or nobody for each partition. */
type World = (string | undefined)[];

const renew = (world: World, self: string, liveCount: number) => {
  const map = world.map(
    (owner, partition): Ownership => ({
      partition,
      owner: owner === self ? 'self' : owner === undefined ? 'nobody' : 'other',
    }),
  );
  const { take, give } = sharePartitions(map, liveCount);
  for (const partition of take) {
    expect(world[partition]).toBeUndefined();
    world[partition] = self;
  }
  for (const partition of give) {
    expect(world[partition]).toBe(self);
    world[partition] = undefined;
  }
};

test('the only scheduler takes everything at its first renewal', () => {
  const world: World = Array.from({ length: PARTITIONS_COUNT });
  renew(world, 'a', 1);
  expect(world.every((owner) => owner === 'a')).toBe(true);
});

test('a scheduler with its share does nothing', () => {
  const world: World = Array.from({ length: PARTITIONS_COUNT }, (_, index) =>
    index < 128 ? 'a' : 'b',
  );
  const before = [...world];
  renew(world, 'a', 2);
  expect(world).toEqual(before);
});

test('after two renewals of each, all is owned and nobody has more than a share', () => {
  const live = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { minLength: 1 });
  fc.assert(
    fc.property(live, fc.infiniteStream(fc.nat(9)), (schedulers, owners) => {
      // Partitions of the dead count as nobody's.
      const world: World = Array.from({ length: PARTITIONS_COUNT }, () => {
        const { value } = owners.next();
        return schedulers[value ?? 0];
      });
      for (const one of [...schedulers, ...schedulers]) renew(world, one, schedulers.length);
      expect(world).not.toContain(undefined);
      for (const one of schedulers) {
        const count = world.filter((owner) => owner === one).length;
        expect(count).toBeLessThanOrEqual(shareOf(schedulers.length));
      }
    }),
    { numRuns: 50 },
  );
});
