// Leases that cannot be delivered go back at once, instead of waiting for their TTL.
import { giveBack } from '../../core/attempt/attempts.ts';
import { isLive } from '../../core/attempt/leases.ts';
import type { Attempt } from '../../core/attempt/attempt.ts';
import type { Engine } from '../../loops/commit/engine.ts';

/** Offers what was leased again, as if it had not been leased; nobody waits for the commit. */
export function returnLeases(engine: Engine, leases: readonly Attempt[]): void {
  if (!leases.some(isLive)) return;
  const returned = engine.decide((deciding) => {
    for (const attempt of leases.filter(isLive)) {
      giveBack(deciding, attempt, 'its lease could not be delivered');
    }
  });
  // A picture that was dropped meanwhile has no leases to give back.
  returned.catch(() => undefined);
}
