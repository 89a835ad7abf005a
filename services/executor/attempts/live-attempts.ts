// The door check of every call for a running task: whose token it is, and that its attempt is live
// at this moment.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { assetNames } from '../core/assets.ts';
import { hear } from '../core/heartbeat.ts';
import type { AttemptEntry, AttemptName, AttemptPlace, Roster } from '../core/roster.ts';
import type { Tokens } from './tokens.ts';

/** An attempt that is live, and what its task may use. */
export type LiveAttempt = AttemptName & {
  readonly place: AttemptPlace;
  /** Connections its task declared. */
  readonly connections: readonly string[];
  /** Names and URIs of the assets its task reads and makes. */
  readonly assets: ReadonlySet<string>;
};

/** Checks tokens. */
export type LiveAttempts = {
  /**
   * The live attempt that a token names. Throws `stale_attempt` when the token is not ours or has
   * ended, or the attempt is not live: its worker then ends it.
   */
  require(token: string, signal: AbortSignal): Promise<LiveAttempt>;
  /**
   * As `require`, and also for attempts whose end was reported and is not committed yet: their logs
   * may still arrive.
   */
  requireForLog(token: string, signal: AbortSignal): Promise<LiveAttempt>;
};

type Details = Pick<LiveAttempt, 'place' | 'connections' | 'assets'>;

/**
 * Checks against the roster, and against the ledger for attempts that this executor does not know.
 */
export function createLiveAttempts(options: {
  readonly roster: Roster;
  readonly tokens: Tokens;
  readonly ledger: Client<typeof LedgerService>;
  readonly clock: Clock;
}): LiveAttempts {
  const { roster, tokens, ledger, clock } = options;

  const detailsOf = async (attempt: AttemptEntry, signal: AbortSignal): Promise<Details> => {
    const { place, connections, assets } = attempt;
    if (place !== undefined && connections !== undefined && assets !== undefined) {
      return { place, connections, assets };
    }
    const details = await detailsFromLedger(ledger, attempt, signal);
    attempt.place = details.place;
    attempt.connections = details.connections;
    attempt.assets = details.assets;
    return details;
  };
  const check = async (
    token: string,
    how: { readonly mayBeEnding: boolean; readonly signal: AbortSignal },
  ): Promise<LiveAttempt> => {
    const name = tokens.read(token);
    if (name === undefined) throw stale(tokens.readEnded(token)?.attemptId ?? '');
    const attempt = roster.attempts.get(name.attemptId);
    if (attempt === undefined)
      return { ...name, ...(await detailsFromLedger(ledger, name, how.signal)) };
    const isLive = attempt.phase !== 'ending' || how.mayBeEnding;
    if (!isLive || attempt.epoch !== name.epoch) throw stale(name.attemptId);
    hearUnary(attempt);
    return { ...name, ...(await detailsOf(attempt, how.signal)) };
  };
  /** Every call of a worker without a stream is a sign of life of it. */
  const hearUnary = ({ workerId }: AttemptEntry) => {
    const worker = roster.workers.get(workerId);
    if (worker?.kind !== 'unary') return;
    hear(worker, { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() });
  };

  return {
    require: (token, signal) => check(token, { mayBeEnding: false, signal }),
    requireForLog: (token, signal) => check(token, { mayBeEnding: true, signal }),
  };
}

/** For attempts whose lease was not seen here. */
async function detailsFromLedger(
  ledger: Pick<Client<typeof LedgerService>, 'getAttempt'>,
  { attemptId, epoch }: AttemptName,
  signal: AbortSignal,
): Promise<Details> {
  try {
    const { attempt, taskInstance, task } = await ledger.getAttempt({ attemptId }, { signal });
    const isLive = attempt?.state === TaskAttemptState.RUNNING && attempt.epoch === epoch;
    if (!isLive || taskInstance === undefined) throw stale(attemptId);
    const { dagId, runId, taskId, mapIndex } = taskInstance;
    const assets = assetNames([...(task?.inlets ?? []), ...(task?.outlets ?? [])]);
    const place = { dagId, runId, taskId, mapIndex };
    return { place, connections: task?.connections ?? [], assets };
  } catch (error) {
    if (reasonOf(error) === 'attempt_not_found') throw stale(attemptId);
    throw error;
  }
}

/** The error of an attempt that is not live. Its id travels along, for streams that serve many. */
export function stale(attemptId: string): Error {
  const which = attemptId === '' ? 'the attempt of this token' : `attempt ${attemptId}`;
  return fail('stale_attempt', `${which} is not live; end it and report nothing`, {
    details: attemptId === '' ? {} : { attempt_id: attemptId },
  });
}
