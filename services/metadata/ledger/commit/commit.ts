// Ledger.Commit: many changes of one scheduler in one transaction, fenced by its session and its
// partition epochs.
//
// A commit travels in two flights, each a handful of statements sent together:
//   1. begin, lock the session, admit the number and the fences, make the new runs, read (or lock)
//      the pools
//   2. write everything that was not refused, move the slots, commit
// Whoever takes partitions away locks the session of their owner first (`scheduler-lease.ts`). So a
// commit has either passed its fence before the partitions moved, and is waited for, or it sees
// that they moved.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type CommitRequest,
  type CommitResponse,
  CommitResponseSchema,
  type PoolState,
  PoolStateSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { holdBack, rowsOf } from '../../core/commit-rows.ts';
import { unfencedDag } from '../../core/fenced-dags.ts';
import type { Balance } from '../../core/grant-slots.ts';
import { plainArray, textArray } from '../database/array.ts';
import { newRunColumns } from './run-columns.ts';
import type { Database, Transaction } from '../database/database.ts';
import { moveSlots, openPools, settleClaims } from '../pool/pools.ts';
import { ledgerStatement as sql } from '../database/statement.ts';
import { writeRows } from './write-rows.ts';

const LOCK_SESSION = sql<{ readonly id: string }>('admission/lock_session');
const ADMIT_COMMIT = sql<Admission>('admission/admit_commit');
const INSERT_RUNS = sql<{ readonly id: string }>('commit/insert_dag_runs');
const READ_BALANCES = sql<Balance>('pool/read_balances');
const KEEP_REFUSALS = sql('admission/keep_refusals');
const READ_REFUSALS = sql<{ readonly refusals: Uint8Array | null }>('admission/read_refusals');

type Admission = { readonly last_commit_seq: bigint; readonly stale_partitions: number[] };

/** A commit's answer, and what others may be waiting for. */
export type Committed = {
  readonly response: CommitResponse;
  /** Pools that have more free slots than before. */
  readonly freedPools: readonly string[];
  /** True when this very commit was applied before, and only its answer was repeated. */
  readonly isReplay: boolean;
};

/**
 * Applies a commit, or repeats the answer of the last one. Rejects with `stale_epoch` (nothing was
 * changed) when the writer has no session or a fence does not hold, with `commit_out_of_order`, and
 * with `bad_request` when a fence is missing or a value cannot be stored.
 */
export async function commitChanges(
  database: Database,
  request: CommitRequest,
): Promise<Committed> {
  const unfenced = unfencedDag(request);
  if (unfenced !== undefined) {
    throw fail(
      'bad_request',
      `the commit writes to DAG ${unfenced} without a fence for its partition`,
    );
  }
  const outcome = await database.transaction((transaction) => attempt(transaction, request));
  return outcome === 'replay' ? repeatAnswer(database, request) : outcome;
}

async function attempt(
  transaction: Transaction,
  request: CommitRequest,
): Promise<Committed | 'replay'> {
  const [sessions, [admission], runs, opened] = await Promise.all([
    transaction.run(LOCK_SESSION, [request.schedulerId]),
    transaction.run(ADMIT_COMMIT, admissionValues(request)),
    request.newRuns.length > 0 ? transaction.run(INSERT_RUNS, newRunColumns(request.newRuns)) : [],
    openPools(transaction, request.poolClaims),
  ]);
  if (judge(request, sessions.length > 0, admission) === 'replay') return 'replay';

  const made = new Set(runs.map((run) => run.id));
  const refusedRuns = new Set(request.newRuns.map((run) => run.id).filter((id) => !made.has(id)));
  const rows = rowsOf(request, refusedRuns);
  const { grant, pools } = await settleClaims(transaction, rows.poolClaims, opened);

  const refused = create(CommitResponseSchema, {
    refusedRunIds: [...refusedRuns],
    refusedTaskInstanceIds: [...grant.refusedTaskInstanceIds],
  });
  const [balances] = await Promise.all([
    moveSlots(transaction, grant, pools),
    ...writeRows(transaction, holdBack(rows, grant.refusedTaskInstanceIds)),
    keepRefusals(transaction, request, refused),
    transaction.commit(),
  ]);
  return {
    response: { ...refused, pools: balances.map(toPoolState) },
    freedPools: [...grant.moves].filter(([, delta]) => delta < 0).map(([pool]) => pool),
    isReplay: false,
  };
}

/**
 * Whether the commit is the next one or a repeat of the last; throws when it is neither, or its
 * fences do not hold.
 */
function judge(
  request: CommitRequest,
  hasSession: boolean,
  admission: Admission | undefined,
): 'next' | 'replay' {
  const last = admission?.last_commit_seq ?? 0n;
  if (last === request.commitSeq) return 'replay';
  if (!hasSession) {
    throw fail('stale_epoch', `scheduler ${request.schedulerId} has no session; renew it first`);
  }
  if (last !== request.commitSeq - 1n) {
    throw fail(
      'commit_out_of_order',
      `the last commit of ${request.schedulerId} is ${last}, so ${request.commitSeq} cannot follow`,
      { details: { lastCommitSeq: String(last) } },
    );
  }
  const stale = admission?.stale_partitions ?? [];
  if (stale.length === 0) return 'next';
  throw fail('stale_epoch', 'partitions have another owner or epoch; renew and load them again', {
    details: { partitions: stale.join(',') },
  });
}

function keepRefusals(
  transaction: Transaction,
  request: CommitRequest,
  refused: CommitResponse,
): Promise<unknown> | undefined {
  const { refusedRunIds, refusedTaskInstanceIds } = refused;
  if (refusedRunIds.length + refusedTaskInstanceIds.length === 0) return undefined;
  return transaction.run(KEEP_REFUSALS, [
    request.schedulerId,
    request.commitSeq,
    toBinary(CommitResponseSchema, refused),
  ]);
}

/** What was refused then, with the pools as they are now. */
async function repeatAnswer(database: Database, request: CommitRequest): Promise<Committed> {
  const pools = [...new Set(request.poolClaims.map((claim) => claim.pool))];
  const [[kept], balances] = await Promise.all([
    database.run(READ_REFUSALS, [request.schedulerId, request.commitSeq]),
    database.run(READ_BALANCES, [textArray(pools)]),
  ]);
  const refused = fromBinary(CommitResponseSchema, kept?.refusals ?? new Uint8Array());
  return {
    response: { ...refused, pools: balances.map(toPoolState) },
    freedPools: [],
    isReplay: true,
  };
}

function toPoolState({ pool, slots, used, include_deferred }: Balance): PoolState {
  return create(PoolStateSchema, { pool, slots, used, includeDeferred: include_deferred ?? false });
}

function admissionValues(request: CommitRequest) {
  return [
    request.schedulerId,
    request.commitSeq,
    plainArray(request.fences.map((fence) => fence.partition)),
    plainArray(request.fences.map((fence) => fence.epoch)),
  ];
}
