// Every rule over every mix of one to three upstream states: what the table of rules says.
import { type Rule, RULES } from './plan.ts';
import { outcomeOf, rule } from './rules.ts';

/** States of an upstream instance, by letter; `-` has not finished. */
export const LETTERS = {
  S: 'success',
  K: 'skipped',
  F: 'failed',
  U: 'upstream_failed',
  R: 'removed',
  '-': 'none',
} as const;

/** What one rule says for one map index (−1: not mapped): by mix, e.g. `SK-`. */
export type MixRow = {
  readonly name: string;
  readonly rule: Rule;
  readonly map_index: number;
  readonly outcomes: Readonly<Record<string, string>>;
};

const SIZE_MAX = 3;
const MAP_INDEXES = [-1, 0, 1, 2];

/** All rows. */
export function mixRows(): readonly MixRow[] {
  const mixes = allMixes(Object.keys(LETTERS), SIZE_MAX);
  return RULES.flatMap((name) =>
    MAP_INDEXES.map((index) => ({
      name: `${name}, ${index < 0 ? 'not mapped' : `index ${index}`}`,
      rule: name,
      map_index: index,
      outcomes: Object.fromEntries(mixes.map((mix) => [mix, outcomeFor(name, mix, index)])),
    })),
  );
}

function outcomeFor(name: Rule, mix: string, index: number): string {
  const of = (letter: keyof typeof LETTERS) => mix.split(letter).length - 1;
  const counts = { S: of('S'), K: of('K'), F: of('F'), UF: of('U'), R: of('R'), U: mix.length };
  const setups = { S_setup: 0, K_setup: 0, U_setup: 0 };
  return outcomeOf(rule(name, { ...counts, ...setups }, index));
}

/** Mixes in which order does not matter, shortest first. */
function allMixes(letters: readonly string[], sizeMax: number): readonly string[] {
  let longest = [''];
  const mixes: string[] = [];
  for (let size = 1; size <= sizeMax; size++) {
    longest = longest.flatMap((mix) =>
      letters.slice(Math.max(letters.indexOf(mix.at(-1) ?? ''), 0)).map((letter) => mix + letter),
    );
    mixes.push(...longest);
  }
  return mixes;
}
