// Random DAGs, random outcomes, random interleavings: at every event the scheduler holds to be true
// what an oracle does that works everything out anew, by brute force, from the documentation.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyChoices, anyPlan } from './play/chance.ts';
import { chooserOf, playTogether } from './play/interleaved.ts';

const DAGS_COUNT = 2_000;
const seed = Number(process.env.DAGMESH_TEST_SEED ?? Date.now() % 1_000_000);

it(`${DAGS_COUNT} random DAGs come to the states of the oracle (seed ${seed})`, () => {
  fc.assert(
    fc.property(anyPlan, anyChoices, (plan, choices) => {
      const { run } = playTogether(plan, chooserOf(choices), (actual, expected) => {
        expect(actual).toEqual(expected);
      });
      expect(run.endMs).toBeDefined();
    }),
    { numRuns: DAGS_COUNT, seed },
  );
}, 60_000);
