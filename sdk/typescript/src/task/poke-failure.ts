// What follows when a poke throws, or a sensor's time is over: one table.

/** Which failures a sensor turns into something else. */
export type SensorFlags = {
  /** A timeout, or a failure for good, is a skip. */
  readonly softFail: boolean;
  /** Whatever a poke throws is a skip. */
  readonly neverFail: boolean;
  /** Whatever a poke throws, save failures for good, counts as "not yet". */
  readonly silentFail: boolean;
};

/** What a poke threw: a request to skip, a failure for good, or anything else. */
export type Thrown = 'skip' | 'final' | 'other';

/** What the sensor does about it: pass it on, be skipped, or poke again. */
export type SensorReaction = 'raise' | 'skip' | 'go_on';

/**
 * The reaction to a throw. After a deferral every failure is one of the wait itself, so the soft
 * flags cover them all.
 */
export function reactionTo(thrown: Thrown, flags: SensorFlags, isResumed: boolean): SensorReaction {
  const { softFail, neverFail, silentFail } = flags;
  if (thrown === 'skip') return 'raise';
  if (thrown === 'final' || isResumed) return softFail || neverFail ? 'skip' : 'raise';
  if (silentFail) return 'go_on';
  return neverFail ? 'skip' : 'raise';
}

/** The reaction to the sensor's own timeout, which `neverFail` does not cover. */
export function reactionToTimeout({ softFail }: SensorFlags): SensorReaction {
  return softFail ? 'skip' : 'raise';
}
