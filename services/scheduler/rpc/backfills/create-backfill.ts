// CreateBackfill: runs a DAG for a range of dates, or says what that would do.
import { create } from '@bufbuild/protobuf';
import {
  type Backfill,
  BackfillSchema,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type { DagRun } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Dag } from '../../core/dag.ts';
import type { Deciding } from '../../core/deciding.ts';
import type { Moment } from '../../core/picture.ts';
import { beginBackfill } from '../../core/operation/backfills.ts';
import { partitionsWanted, planBackfill } from '../../core/operation/plan-backfill.ts';
import { mergeParams } from '../../params/merge-params.ts';
import type { RpcContext } from '../context.ts';
import { learnDag, requireDag, requireOwned } from '../find.ts';
import { findReceipt, giveReceipt } from '../receipts.ts';

type CreateBackfill = Handler<(typeof SchedulerService)['method']['createBackfill']>;

/** Runs of the range that are read to see what exists. */
const EXISTING_MAX = 100_000;

export function createBackfill(context: RpcContext): CreateBackfill {
  return async ({ backfill: asked, dryRun, actor, requestId }) => {
    const wanted = asked ?? create(BackfillSchema);
    const { dagId } = wanted;
    await learnDag(context, dagId);
    const { nowMs } = context.engine.moment();
    const partitionKeys = partitionsWanted(requireDag(context, dagId), wanted, nowMs);
    const existing = await existingRuns(context, wanted, partitionKeys);
    const made = await context.engine.decide((deciding, moment) => {
      const dag = requireDag(context, dagId);
      const known = findReceipt(deciding.picture, { requestId, dagId, makesRun: false });
      if (known !== undefined) return { dag, backfill: madeBefore(dag, known.runId) };
      const backfill = plan(dag, wanted, { existing, actor, moment });
      if (dryRun) backfill.backfillId = '';
      else begin(deciding, moment, { dag, backfill, actor, requestId });
      return { dag, backfill };
    });
    requireOwned(made.dag);
    return { backfill: made.backfill };
  };
}

function plan(
  dag: Dag,
  wanted: Backfill,
  about: { readonly existing: readonly DagRun[]; readonly actor: string; readonly moment: Moment },
): Backfill {
  const { existing, actor, moment } = about;
  const planned = planBackfill(dag, wanted, existing, moment.nowMs);
  if (planned.kind === 'refused') throw fail('bad_backfill', planned.reason);
  return create(BackfillSchema, {
    ...wanted,
    backfillId: moment.newId(),
    confJson: mergeParams(dag.version.params, wanted.confJson),
    state: BackfillState.RUNNING,
    createdBy: actor,
    createdAt: toTimestamp(moment.nowMs),
    dates: [...planned.dates],
  });
}

function begin(
  deciding: Deciding,
  moment: Moment,
  about: {
    readonly dag: Dag;
    readonly backfill: Backfill;
    readonly actor: string;
    readonly requestId: string;
  },
): void {
  const { dag, backfill, actor, requestId } = about;
  const { backfillId, dates } = backfill;
  const { dagId } = dag;
  const made = { dagRunId: '', runId: backfillId, run: undefined };
  giveReceipt(deciding, dag, { requestId, dagId, atMs: moment.nowMs, ...made });
  const details = { backfill_id: backfillId, dates: dates.length };
  deciding.changes.audits.add({ actor, action: 'create_backfill', dag, runId: '', details });
  beginBackfill(deciding, moment, dag, backfill);
}

/** What an earlier request made: all of it while it goes on, afterwards only its name. */
function madeBefore(dag: Dag, backfillId: string): Backfill {
  const { dagId } = dag;
  return dag.backfills.get(backfillId) ?? create(BackfillSchema, { backfillId, dagId });
}

async function existingRuns(
  context: RpcContext,
  { dagId, fromDate, toDate }: Backfill,
  partitionKeys: readonly string[],
): Promise<readonly DagRun[]> {
  if (fromDate === undefined || toDate === undefined) return [];
  const isOfPartitions = partitionKeys.length > 0;
  const place = isOfPartitions
    ? { partitionKeys: [...partitionKeys] }
    : { fromDate, toDate, hasLogicalDate: true };
  const { runs } = await context.ledger.listRuns({ dagId, ...place, limit: EXISTING_MAX });
  return runs;
}
