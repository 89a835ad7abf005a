// What task instances keep over their tries, and what assets keep: written by live attempts only.
import type {
  GetStateRequest,
  SetStateRequest,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { StateScope } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Database } from '../database/database.ts';
import { staleAttempt } from './attempts.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

const READ_STATE = sql<{ readonly value: string }>('attempt/read_state');
const PUT_STATE = sql<{ readonly attempt_id: string; readonly is_full: boolean }>(
  'attempt/put_state',
);
const DELETE_STATE = sql<{ readonly attempt_id: string }>('attempt/delete_state');

/** States that one task instance, or one asset, keeps at most. */
const STATES_MAX = 1_000;

/** The JSON that is kept; `state_not_found`. */
export async function getState(database: Database, request: GetStateRequest): Promise<string> {
  const place = placeOf(request);
  const [kept] = await database.run(READ_STATE, place);
  if (kept === undefined) {
    throw fail('state_not_found', `nothing is kept under ${request.key}; set it first`);
  }
  return kept.value;
}

/**
 * Keeps a value, or forgets it when it is empty; `stale_attempt` when the attempt is not live,
 * `limit_reached` when its owner keeps 1,000 others. Idempotent.
 */
export async function setState(database: Database, request: SetStateRequest): Promise<void> {
  const { attemptId, valueJson } = request;
  const place = placeOf(request);
  if (valueJson === '') {
    const [live] = await database.run(DELETE_STATE, place);
    if (live === undefined) throw staleAttempt(attemptId);
    return;
  }
  const [put] = await database.run(PUT_STATE, [...place, valueJson, STATES_MAX]);
  if (put === undefined) throw staleAttempt(attemptId);
  if (put.is_full) {
    throw fail('limit_reached', `${STATES_MAX} states are kept already; delete some first`);
  }
}

type Place = Pick<GetStateRequest, 'attemptId' | 'scope' | 'assetName' | 'key'>;

/** Attempt, asset (undefined: the task instance of the attempt), key. */
function placeOf({ attemptId, scope, assetName, key }: Place) {
  switch (scope) {
    case StateScope.TASK_INSTANCE:
      return [attemptId, undefined, key] as const;
    case StateScope.ASSET:
      if (assetName === '') throw fail('bad_request', 'name the asset whose state it is');
      return [attemptId, assetName, key] as const;
    default:
      throw fail('bad_request', 'say whose state it is: the task instance’s or an asset’s');
  }
}
