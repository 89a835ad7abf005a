// Asks metadata whose token it is, and remembers the answer for a second.
import { createHash } from 'node:crypto';
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { retrying } from '#kernel/rpc/retry.ts';
import { parseRole } from '../core/permission.ts';
import { explained } from '../explained.ts';
import type { Principal } from './principal.ts';

/** So long a revoked token may still open the door elsewhere; here it is forgotten at once. */
const KNOWN_MS = 1_000;
/** Tokens remembered at most: good ones, and others, which anybody can make up. */
const GOOD_MAX = 10_000;
const BAD_MAX = 1_000;
/** Longest text that is looked at, in characters. */
const TOKEN_LENGTH_MAX = 500;
/** How long metadata gets to answer, retries included. */
const DEADLINE_MS = 5_000;

/** Knows whose token it is. */
export type TokenCheck = {
  /** Errors: UNAUTHENTICATED (`bad_token`), or what keeps metadata from answering. */
  verify(token: string): Promise<Principal>;
  /** Forgets all answers, after a token was revoked. */
  forget(): void;
};

type Answer = { readonly principal: Principal | undefined; readonly untilMs: number };

/** Starts without any memory. Tokens are kept as their digest only. */
export function createTokenCheck(options: {
  readonly secrets: Client<typeof SecretService>;
  readonly clock: Clock;
}): TokenCheck {
  const { secrets, clock } = options;
  const good = new Map<string, Answer>();
  const bad = new Map<string, Answer>();
  const asked = new Map<string, Promise<Principal | undefined>>();

  const ask = async (token: string, digest: string): Promise<Principal | undefined> => {
    const principal = await retrying((call) => askMetadata(secrets, token, call), {
      clock,
      deadlineMs: DEADLINE_MS,
    }).catch(explained);
    const answer = { principal, untilMs: clock.monotonicMs() + KNOWN_MS };
    remember(principal === undefined ? bad : good, digest, answer);
    return principal;
  };
  return {
    verify: async (token) => {
      if (token.length > TOKEN_LENGTH_MAX) throw badToken();
      const digest = createHash('sha256').update(token).digest('base64');
      const known = good.get(digest) ?? bad.get(digest);
      if (known !== undefined && clock.monotonicMs() < known.untilMs) {
        return known.principal ?? refuse();
      }
      // Many calls of one user at once are one question.
      let question = asked.get(digest);
      if (question === undefined) {
        question = ask(token, digest).finally(() => asked.delete(digest));
        asked.set(digest, question);
      }
      return (await question) ?? refuse();
    },
    forget: () => {
      good.clear();
      bad.clear();
    },
  };

  function remember(answers: Map<string, Answer>, digest: string, answer: Answer): void {
    good.delete(digest);
    bad.delete(digest);
    answers.set(digest, answer);
    const [oldest] = answers.keys();
    const limit = answers === good ? GOOD_MAX : BAD_MAX;
    if (answers.size > limit && oldest !== undefined) answers.delete(oldest);
  }
}

/** Undefined for a token that metadata refuses. */
async function askMetadata(
  secrets: Client<typeof SecretService>,
  token: string,
  call: { readonly timeoutMs: number },
): Promise<Principal | undefined> {
  try {
    const { timeoutMs } = call;
    const { userName, role } = await secrets.verifyApiToken({ token }, { timeoutMs });
    const known = parseRole(role);
    // A role this version does not know may do nothing.
    return known === undefined ? undefined : { userName, role: known };
  } catch (error) {
    if (reasonOf(error) === 'bad_token') return undefined;
    throw error;
  }
}

function refuse(): never {
  throw badToken();
}

function badToken() {
  return fail(
    'bad_token',
    'this API token is unknown, revoked or expired; ask an admin for another: ' +
      'dagmesh auth token create <user-name>',
  );
}
