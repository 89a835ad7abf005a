// Decisions made in advance: numbers that stand for them.

/** What is done next. */
export type Chooser = () => number;

/** Numbers one after the other; they go round. */
export function chooserOf(choices: readonly number[]): Chooser {
  let at = 0;
  return () => choices[at++ % choices.length] ?? 0;
}

/** The one that a number stands for; undefined of none. */
export function pick<T>(all: readonly T[], choice: number): T | undefined {
  return all[choice % Math.max(all.length, 1)];
}
