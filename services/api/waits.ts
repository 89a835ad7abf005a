// Calls that stay open until something happens in the mesh: each user may have so many at once, so
// that nobody's waiting is everybody's load.
import { fail } from '#kernel/errors/errors.ts';

/** Counts the open waits of each user. */
export type Waits = {
  /**
   * Begins a wait; call what it answers when the wait is over, once. Errors: RESOURCE_EXHAUSTED
   * (`limit_reached`).
   */
  begin(userName: string): () => void;
};

/** Each open wait looks at its run, or its attempt, at most every half second. */
const WAITS_MAX = 200;

/** Starts with nobody waiting. */
export function createWaits(): Waits {
  const open = new Map<string, number>();
  return {
    begin: (userName) => {
      const count = open.get(userName) ?? 0;
      if (count >= WAITS_MAX) {
        throw fail(
          'limit_reached',
          `${userName} waits for ${WAITS_MAX} runs and logs already; end some of these calls first`,
        );
      }
      open.set(userName, count + 1);
      return () => {
        const left = (open.get(userName) ?? 1) - 1;
        if (left === 0) open.delete(userName);
        else open.set(userName, left);
      };
    },
  };
}
