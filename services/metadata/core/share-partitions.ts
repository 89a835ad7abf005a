// Which partitions a scheduler takes and gives up at its renewal, so that all live ones end with an
// even share.
import { PARTITIONS_COUNT } from '#kernel/partition/partition.ts';

/**
 * Who owns a partition, as the renewing scheduler sees it; those of silent schedulers are nobody's.
 */
export type Ownership = {
  readonly partition: number;
  readonly owner: 'self' | 'other' | 'nobody';
};

/** What changes at this renewal. */
export type Shift = { readonly take: readonly number[]; readonly give: readonly number[] };

/** The most partitions one of `liveCount` schedulers owns: the even part, rounded up. */
export function shareOf(liveCount: number): number {
  return Math.ceil(PARTITIONS_COUNT / Math.max(1, liveCount));
}

/**
 * The shift for one scheduler among `liveCount`, itself included. It takes what is nobody's up to
 * its share, and gives up what it has beyond it; what others have too much they give up themselves.
 * After each has renewed twice, every partition has an owner and nobody has more than a share.
 */
export function sharePartitions(map: readonly Ownership[], liveCount: number): Shift {
  const share = shareOf(liveCount);
  const own = map.filter((one) => one.owner === 'self');
  const free = map.filter((one) => one.owner === 'nobody');
  return {
    take: free.slice(0, Math.max(0, share - own.length)).map((one) => one.partition),
    give: own.slice(share).map((one) => one.partition),
  };
}
