// Limits under random load: never more runs, instances and pool slots at once than are allowed, and
// everything comes to its end.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyChoices, anyPlan } from './play/chance.ts';
import { chooserOf } from './play/chooser.ts';
import { anyLimits, playLimited } from './play/limited.ts';
import { seed } from '../kit/seed.ts';

const STEPS = 60;

it(`no limit is exceeded under 120 random loads (DAGMESH_TEST_SEED=${seed})`, () => {
  fc.assert(
    fc.property(anyPlan, anyLimits, anyChoices, (plan, limits, choices) => {
      const load = { choose: chooserOf(choices), steps: STEPS };
      playLimited(plan, limits, load, (counts) => {
        expect(counts.filter(({ count, max }) => count > max)).toEqual([]);
      });
    }),
    { numRuns: 120, seed },
  );
}, 300_000);
