// The token of one attempt: a running task speaks with it for itself and nothing else.
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What a token says. Being valid is not being live: whoever accepts it still checks that the
 * attempt is live.
 */
export type AttemptClaims = {
  /** The attempt. */
  readonly attemptId: string;
  /** Its fencing number. */
  readonly epoch: bigint;
  /** The partition of its DAG, 0 to 255. */
  readonly partition: number;
  /** DagRun.id. */
  readonly dagRunId: string;
  /** When it ends, epoch milliseconds. */
  readonly expiresAtMs: number;
};

const PREFIX = 'dma1';

/** Longest token that is looked at, in characters. */
const TOKEN_LENGTH_MAX = 2_000;

/** Mints the token of one attempt. */
export function mintAttemptToken(clusterKey: string, claims: AttemptClaims): string {
  const body = Buffer.from(
    JSON.stringify([
      claims.attemptId,
      claims.epoch.toString(),
      claims.partition,
      claims.dagRunId,
      claims.expiresAtMs,
    ]),
  ).toString('base64url');
  return `${PREFIX}.${body}.${sign(clusterKey, body)}`;
}

/**
 * What the token says, or undefined when it was not signed with this key or has ended by `nowMs`.
 * Takes constant time.
 */
export function verifyAttemptToken(
  clusterKey: string,
  token: string,
  nowMs: number,
): AttemptClaims | undefined {
  if (token.length > TOKEN_LENGTH_MAX) return undefined;
  const [prefix, body, signature, ...rest] = token.split('.');
  if (prefix !== PREFIX || body === undefined || signature === undefined) return undefined;
  if (rest.length > 0) return undefined;
  const expected = Buffer.from(sign(clusterKey, body));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  const claims = readClaims(body);
  return nowMs < claims.expiresAtMs ? claims : undefined;
}

/** Only called for bodies this key has signed, so their shape is known. */
function readClaims(body: string): AttemptClaims {
  const [attemptId, epoch, partition, dagRunId, expiresAtMs] = JSON.parse(
    Buffer.from(body, 'base64url').toString(),
  ) as [string, string, number, string, number];
  return { attemptId, epoch: BigInt(epoch), partition, dagRunId, expiresAtMs };
}

/**
 * The purpose is signed with the body, so that no other token of this key can pass as an attempt's.
 */
function sign(clusterKey: string, body: string): string {
  return createHmac('sha256', clusterKey).update(`attempt:${body}`).digest('base64url');
}
