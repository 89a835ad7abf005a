// Chance that a seed decides: whatever it brings about is brought about again.

/** Numbers that look random and are the same for each seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Numbers as one seed gives them. */
export type Chance = {
  readonly random: () => number;
  readonly below: (count: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
};

/** The same numbers for each seed. */
export function chanceOf(seed: number): Chance {
  const random = randomOf(seed);
  const below = (count: number) => Math.floor(random() * count);
  return {
    random,
    below,
    pick: (from) => {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
  };
}
