// XComs between commits: what a running attempt pushes and deletes itself, and what readers may
// see.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ReadXComsRequest,
  XComAddress,
  XComRecordSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { XCom } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { ANSWER_BYTES_MAX } from '../database/answer-size.ts';
import { orAbsent, plainArray, textArray } from '../database/array.ts';
import { staleAttempt } from './attempts.ts';
import type { Database } from '../database/database.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

type XComRow = {
  readonly dag_run_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly key: string;
  readonly element: number | null;
  readonly value: string;
  readonly total_bytes: bigint;
};

const READ_XCOMS = sql<XComRow>('attempt/read_xcoms');
const PUSH_XCOM = sql<{ readonly attempt_id: string; readonly is_full: boolean }>(
  'attempt/push_xcom',
);
const DELETE_XCOM = sql<{ readonly attempt_id: string }>('attempt/delete_xcom');

/** XComs that a running attempt pushes at most; with its success it may bring as many again. */
const PUSHED_MAX = 1_000;

/**
 * The XComs that exist among those asked for, by task and map index; of a series one for each
 * instance that pushed, of a list only the element that was asked for. `xcom_too_large` when they
 * do not fit one answer.
 */
export async function readXComs(
  database: Database,
  request: ReadXComsRequest,
): Promise<MessageInitShape<typeof XComRecordSchema>[]> {
  const { addresses } = request;
  if (addresses.length === 0) return [];
  const rows = await database.run(READ_XCOMS, [
    textArray(addresses.map((address) => address.dagRunId)),
    textArray(addresses.map((address) => address.taskId)),
    plainArray(addresses.map(firstIndex)),
    plainArray(addresses.map(endIndex)),
    textArray(addresses.map((address) => address.key)),
    plainArray(addresses.map((address) => address.element)),
    orAbsent(request.ownAttemptId),
    ANSWER_BYTES_MAX,
  ]);
  const totalBytes = rows[0]?.total_bytes ?? 0n;
  if (totalBytes > ANSWER_BYTES_MAX) {
    throw fail(
      'xcom_too_large',
      `these XComs have ${totalBytes} bytes, an answer takes ${ANSWER_BYTES_MAX}; ask for fewer`,
    );
  }
  return rows.map((row) => ({
    address: {
      dagRunId: row.dag_run_id,
      taskId: row.task_id,
      mapIndex: row.map_index,
      key: row.key,
      ...(row.element === null ? {} : { element: row.element }),
    },
    valueJson: row.value,
  }));
}

function firstIndex({ isSeries, mapIndex, mapIndexFrom }: XComAddress): number {
  return isSeries ? mapIndexFrom : mapIndex;
}

/** The index before which the instances end; undefined when all that follow are meant. */
function endIndex({ isSeries, mapIndex, mapIndexTo }: XComAddress): number | undefined {
  if (!isSeries) return mapIndex + 1;
  return mapIndexTo === 0 ? undefined : mapIndexTo;
}

/**
 * Stores XComs of a live attempt, the last of each key; `stale_attempt` when it is not live,
 * `limit_reached` (and none is stored) when it would have more than 1,000.
 */
export async function pushXComs(
  database: Database,
  attemptId: string,
  xcoms: readonly XCom[],
): Promise<void> {
  const byKey = new Map(xcoms.map((xcom) => [xcom.key, xcom.valueJson]));
  const [pushed] = await database.run(PUSH_XCOM, [
    attemptId,
    textArray([...byKey.keys()]),
    textArray([...byKey.values()]),
    PUSHED_MAX,
  ]);
  if (pushed === undefined) throw staleAttempt(attemptId);
  if (pushed.is_full) {
    throw fail(
      'limit_reached',
      `an attempt pushes ${PUSHED_MAX} XComs at most; push one list, or fewer keys`,
    );
  }
}

/** Deletes an XCom of a live attempt, if it is there; `stale_attempt` when it is not live. */
export async function deleteXCom(
  database: Database,
  attemptId: string,
  key: string,
): Promise<void> {
  const live = await database.run(DELETE_XCOM, [attemptId, key]);
  if (live.length === 0) throw staleAttempt(attemptId);
}
