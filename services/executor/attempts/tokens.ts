// Attempt tokens: made for each lease, replaced before they end, and read from every call about an
// attempt.
import {
  type AttemptClaims,
  mintAttemptToken,
  verifyAttemptToken,
} from '#kernel/auth/attempt-token.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { TOKEN_LIFE_MS } from '../core/limits.ts';
import type { AttemptEntry } from '../core/roster.ts';

/** Makes and reads the tokens of attempts. */
export type Tokens = {
  /** A token that lasts from now on, noted on the attempt. */
  mint(attempt: AttemptEntry): string;
  /**
   * What a token says; undefined when it is not ours or has ended. Whether the attempt is live is
   * another question.
   */
  read(token: string): AttemptClaims | undefined;
  /**
   * As `read`, also for tokens that have ended: for naming the attempt to its worker, never for
   * granting anything.
   */
  readEnded(token: string): AttemptClaims | undefined;
};

/** Tokens signed with the cluster's key. */
export function createTokens(clusterKey: string, clock: Clock): Tokens {
  return {
    mint: (attempt) => {
      attempt.tokenExpiresAtMs = clock.nowMs() + TOKEN_LIFE_MS;
      return mintAttemptToken(clusterKey, {
        attemptId: attempt.attemptId,
        epoch: attempt.epoch,
        partition: attempt.partition,
        dagRunId: attempt.dagRunId,
        expiresAtMs: attempt.tokenExpiresAtMs,
      });
    },
    read: (token) => verifyAttemptToken(clusterKey, token, clock.nowMs()),
    readEnded: (token) => verifyAttemptToken(clusterKey, token, 0),
  };
}
