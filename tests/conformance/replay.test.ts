// A history that was committed, replayed: a scheduler that knows nothing else goes on from there as
// the one that lived through it does, to the last row.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyChoices, anyLongPlan } from './play/chance.ts';
import { chooserOf } from './play/chooser.ts';
import { playStep } from './play/interleaved.ts';
import { setStage, type Stage, takeOver } from './play/stage.ts';
import { rowsOf } from './play/rows.ts';
import { seed } from '../kit/seed.ts';

const STEPS_MAX = 60;
const STIR = { runsMax: 3, stirsMax: 15, leasesAll: true };
/** A takeover gives overdue attempts their grace anew: when they end is no part of this. */
const anyUntimedPlan = anyLongPlan.map((plan) => ({
  ...plan,
  tasks: Object.fromEntries(
    Object.entries(plan.tasks).map(([id, { timeout_s: _timeout, ...task }]) => [id, task]),
  ),
}));

it(`100 histories are replayed to the same decisions (DAGMESH_TEST_SEED=${seed})`, () => {
  fc.assert(
    fc.property(anyUntimedPlan, anyChoices, fc.nat(STEPS_MAX), (plan, choices, cutAt) => {
      const lived = setStage(plan, STIR);
      const replayed = setStage(plan, STIR);
      const chooseLived = chooserOf(choices);
      const chooseReplayed = chooserOf(choices);
      for (let step = 0; step < STEPS_MAX; step++) {
        if (step === cutAt) {
          takeOver(replayed);
          expect(rowsOf(historyOf(replayed))).toEqual(rowsOf(historyOf(lived)));
        }
        const goesOn = playStep(lived, chooseLived);
        expect(playStep(replayed, chooseReplayed)).toBe(goesOn);
        if (!goesOn) break;
        // Before the cut both are one.
        if (step < cutAt) continue;
        expect(rowsOf(historyOf(replayed))).toEqual(rowsOf(historyOf(lived)));
      }
    }),
    { numRuns: 100, seed },
  );
});

function historyOf({ history, simulation }: Stage) {
  return [...history, ...simulation.commits];
}
