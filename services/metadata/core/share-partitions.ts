// Which partitions a scheduler takes and gives up at its renewal, so that all live ones end with an even share.

/** Who owns a partition now. */
export type Ownership = {
  readonly partition: number;
  /** Undefined when nobody alive owns it. */
  readonly schedulerId: string | undefined;
};

/** What changes at this renewal. */
export type Shift = { readonly take: readonly number[]; readonly give: readonly number[] };

/**
 * The shift for one scheduler among `liveCount` (itself included). It takes ownerless partitions up to its share, and gives up
 * what it has beyond it; what others have too much they give up themselves. After each has renewed twice, every partition
 * has an owner and nobody has more than the share, which is the even part rounded up.
 */
export function sharePartitions(
  map: readonly Ownership[],
  schedulerId: string,
  liveCount: number,
): Shift {
  const share = Math.ceil(map.length / Math.max(1, liveCount));
  const mine = map.filter((one) => one.schedulerId === schedulerId);
  const ownerless = map.filter((one) => one.schedulerId === undefined);
  return {
    take: ownerless.slice(0, Math.max(0, share - mine.length)).map((one) => one.partition),
    give: mine.slice(share).map((one) => one.partition),
  };
}
