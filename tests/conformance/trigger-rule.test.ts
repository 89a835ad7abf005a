// Trigger rules: Airflow's own rows, and every rule over every mix of up to three upstream states.
import { describe, expect, it } from 'vitest';
import { judge } from '../../services/scheduler/core/graph/trigger-rule.ts';
import { LETTERS, type MixRow, mixRows } from './oracle/mixes.ts';
import type { Rule } from './oracle/plan.ts';
import { ruleNamed } from './play/spec.ts';
import { tablesOf } from './play/tables.ts';

type Row = {
  readonly name: string;
  readonly rule: Rule;
  readonly upstream: {
    readonly total: number;
    readonly success: number;
    readonly skipped: number;
    readonly failed: number;
    readonly upstream_failed: number;
    readonly removed: number;
  };
  /** Those of the upstream that are setups. */
  readonly setups: { readonly total: number; readonly success: number; readonly skipped: number };
  readonly map_index: number;
  /** The state that the rule sets; null when it sets none. */
  readonly state: string | null;
  /** True when the rule is met, whether or not it sets a state. */
  readonly passes: boolean;
};

/** What a verdict sets; `run` and `wait` set nothing. */
const SETS = { skip: 'skipped', fail: 'upstream_failed', remove: 'removed' } as const;

describe.each(tablesOf<Row>('trigger-rule'))('$title', ({ rows }) => {
  it.each([...rows])('$name', ({ rule, upstream, setups, map_index, state, passes }) => {
    const { total, success, skipped, failed, upstream_failed, removed } = upstream;
    const counts = {
      ...{ total, success, skipped, failed, removed, upstreamFailed: upstream_failed },
      ...{ setupTotal: setups.total, setupSuccess: setups.success, setupSkipped: setups.skipped },
    };
    const expected = state ?? (passes ? 'run' : 'wait');
    expect(wordFor(judge(ruleNamed(rule), counts, map_index))).toBe(expected);
  });
});

describe.each(tablesOf<MixRow>('trigger-rule-mixes'))('$title', ({ rows }) => {
  it('is what the documented table of rules says', () => {
    expect(rows).toEqual(mixRows());
  });

  it.each([...rows])('$name', ({ rule, map_index, outcomes }) => {
    const mixes = Object.keys(outcomes);
    const actual = mixes.map((mix) => [
      mix,
      wordFor(judge(ruleNamed(rule), countsOf(mix), map_index)),
    ]);
    expect(Object.fromEntries(actual)).toEqual(outcomes);
  });
});

function wordFor(verdict: ReturnType<typeof judge>): string {
  return verdict === 'run' || verdict === 'wait' ? verdict : SETS[verdict];
}

function countsOf(mix: string) {
  const of = (letter: keyof typeof LETTERS) => mix.split(letter).length - 1;
  return {
    ...{ total: mix.length, success: of('S'), skipped: of('K'), failed: of('F') },
    ...{ upstreamFailed: of('U'), removed: of('R') },
    ...{ setupTotal: 0, setupSuccess: 0, setupSkipped: 0 },
  };
}
