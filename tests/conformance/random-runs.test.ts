// Random DAGs, random outcomes, random interleavings: at every event the scheduler holds to be true
// what an oracle does that works everything out anew, by brute force, from the documentation.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyChoices, anyPlan } from './play/chance.ts';
import { chooserOf, playTogether } from './play/interleaved.ts';

const seed = Number(process.env.DAGMESH_TEST_SEED ?? Date.now() % 1_000_000);

describe(`random DAGs (DAGMESH_TEST_SEED=${seed})`, () => {
  it('3,000 of them are in the states of the oracle after every event', () => {
    fc.assert(
      fc.property(anyPlan, anyChoices, (plan, choices) => {
        const run = playTogether(plan, chooserOf(choices), (actual, expected) => {
          expect(actual).toEqual(expected);
        });
        expect(run.endMs).toBeDefined();
      }),
      { numRuns: 3_000, seed },
    );
  }, 60_000);

  it('1,000 of them go on alike when a scheduler takes over that knows the commits alone', () => {
    fc.assert(
      fc.property(anyPlan, anyChoices, fc.integer({ min: 1, max: 5 }), (plan, choices, every) => {
        const check = (actual: object, expected: object) => expect(actual).toEqual(expected);
        const run = playTogether(plan, chooserOf(choices), check, every);
        expect(run.endMs).toBeDefined();
      }),
      { numRuns: 1_000, seed },
    );
  }, 60_000);
});
