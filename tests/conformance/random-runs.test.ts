// Random DAGs, random outcomes, random interleavings: at every event the scheduler holds to be true
// what an oracle does that works everything out anew, by brute force, from the documentation.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyChoices, anyLongPlan, anyPlan } from './play/chance.ts';
import type { Facts } from './play/facts.ts';
import { chooserOf } from './play/chooser.ts';
import { playTogether } from './play/interleaved.ts';
import { unexplained } from './play/reasons.ts';
import { seed } from '../kit/seed.ts';

const check = (actual: Facts, expected: Facts) => expect(actual).toEqual(expected);

describe(`random DAGs (DAGMESH_TEST_SEED=${seed})`, () => {
  it('600 of them are in the states of the oracle after every event, and end', () => {
    fc.assert(
      fc.property(anyPlan, anyChoices, (plan, choices) => {
        const { dag } = playTogether(plan, chooserOf(choices), check);
        expect(dag.runs.map(({ state }) => state)).not.toContain('running');
      }),
      { numRuns: 600, seed },
    );
  }, 300_000);

  it('200 of them go on alike when a scheduler takes over that knows the commits alone', () => {
    fc.assert(
      fc.property(anyPlan, anyChoices, (plan, choices) => {
        playTogether(plan, chooserOf(choices), check, { takeOverOneIn: 6 });
      }),
      { numRuns: 200, seed },
    );
  }, 300_000);

  it('300 of them are cleared, marked, kept waiting, in runs that look at one another', () => {
    fc.assert(
      fc.property(anyLongPlan, anyChoices, (plan, choices) => {
        const stir = { runsMax: 4, stirsMax: 25 };
        const { simulation } = playTogether(plan, chooserOf(choices), check, stir);
        expect(unexplained(simulation)).toEqual([]);
      }),
      { numRuns: 300, seed },
    );
  }, 300_000);

  it('60 of those change their schedulers meanwhile', () => {
    fc.assert(
      fc.property(anyLongPlan, anyChoices, (plan, choices) => {
        const stir = { runsMax: 4, stirsMax: 25, takeOverOneIn: 10 };
        const { simulation } = playTogether(plan, chooserOf(choices), check, stir);
        expect(unexplained(simulation)).toEqual([]);
      }),
      { numRuns: 60, seed },
    );
  }, 300_000);
});
