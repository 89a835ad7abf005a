// What a keeper that asks the ledger works with, for tests that play the ledger by hand.
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { createLog } from '#kernel/log/log.ts';
import { createMetrics } from '#kernel/telemetry/metrics.ts';
import { createEvents } from '../events.ts';
import type { Asker } from '../loops/asking/asker.ts';
import type { Engine } from '../loops/commit/engine.ts';
import type { World } from './picture-world.ts';

/** Options of a keeper whose engine decides and commits at once, and then has it look again. */
export function asking(world: World, keeper: () => Pick<Asker, 'look'>) {
  const engine: Pick<Engine, 'picture' | 'decide'> = {
    picture: () => world.picture,
    decide: async (decision) => {
      const answer = world.decide(decision);
      world.commit();
      keeper().look();
      return answer;
    },
  };
  return {
    engine: () => engine as Engine,
    clock: new FakeClock(),
    events: createEvents(createLog('test', 'silent'), createMetrics('test')),
  };
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
