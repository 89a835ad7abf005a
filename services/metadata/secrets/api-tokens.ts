// API tokens: made of chance, kept as digests, checked against the database at most once a second
// each.
import { createHash } from 'node:crypto';
import type { Clock } from '#kernel/clock/clock.ts';
import { randomToken } from '#kernel/clock/random.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Database } from '../ledger/database/database.ts';
import { statementsOf } from '../ledger/database/statement.ts';

/** Whose a token is. */
export type TokenOwner = { readonly userName: string; readonly role: string };

/** Makes, checks and ends API tokens. */
export type ApiTokens = {
  /** The owner of a token; `bad_token` when it is unknown, revoked or expired. */
  verify(token: string): Promise<TokenOwner>;
  /** A new token; its text is nowhere else. Audited, as the end of a token is. */
  create(owner: TokenOwner, actor: string): Promise<string>;
  /** Ends a token: here at once, at other metadata services within a second. */
  revoke(token: string, actor: string): Promise<void>;
};

/** So that a leaked token is recognised for what it is. */
const PREFIX = 'dmt_';
/** How long an answer is good: how long a token that was revoked elsewhere still works. */
const KEPT_MS = 1_000;
/** Most answers kept; only tokens that exist are. */
const KEPT_MAX = 1_000;

const sql = statementsOf('secrets', import.meta.url);
const INSERT = sql('insert_api_token');
const FIND = sql<{ readonly user_name: string; readonly role: string }>('find_api_token');
const REVOKE = sql('revoke_api_token');

export function createApiTokens(database: Database, clock: Clock): ApiTokens {
  const kept = new Map<string, { readonly owner: TokenOwner; readonly untilMs: number }>();

  const keep = (key: string, owner: TokenOwner) => {
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, { owner, untilMs: clock.monotonicMs() + KEPT_MS });
  };

  return {
    verify: async (token) => {
      const digest = digestOf(token);
      const key = digest.toString('hex');
      const answer = kept.get(key);
      if (answer !== undefined && answer.untilMs > clock.monotonicMs()) return answer.owner;
      kept.delete(key);
      const [row] = await database.run(FIND, [digest]);
      if (row === undefined) {
        throw fail(
          'bad_token',
          'this API token is unknown, revoked or expired; ask an admin for one',
        );
      }
      const owner = { userName: row.user_name, role: row.role };
      keep(key, owner);
      return owner;
    },
    create: async ({ userName, role }, actor) => {
      const token = `${PREFIX}${randomToken()}`;
      await database.run(INSERT, [digestOf(token), userName, role, actor]);
      return token;
    },
    revoke: async (token, actor) => {
      const digest = digestOf(token);
      await database.run(REVOKE, [digest, actor]);
      kept.delete(digest.toString('hex'));
    },
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
