// BackfillService.CreateBackfill: run a DAG for a range of dates, or say what that would do.
import type { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { countActions } from '../../core/count-actions.ts';
import {
  type ApiContext,
  type ApiHandler,
  atOwner,
  type Mesh,
  present,
  repeated,
  requestIdOf,
} from '../mesh.ts';

/** The other dates are read page by page. */
const DATES_SHOWN_MAX = 1_000;

export function createBackfill(
  mesh: Mesh,
): ApiHandler<typeof BackfillService.method.createBackfill> {
  return async ({ $typeName: _typeName, dryRun, requestId, ...backfill }, context) => {
    const actor = context.principal.userName;
    const request = { backfill, dryRun, actor, requestId: requestIdOf(mesh, { requestId }) };
    const answer = await atOwner(mesh, context, {
      dagId: backfill.dagId,
      call: (owner, call) => owner.createBackfill(request, call),
    });
    const made = present(answer.backfill);
    if (made.state === BackfillState.UNSPECIFIED) return madeBefore(mesh, context, made.backfillId);
    return {
      backfill: { ...made, dates: [] },
      dates: made.dates.slice(0, DATES_SHOWN_MAX),
      actionCounts: countActions(made.dates),
    };
  };
}

/** What the same request made earlier, when that is over: its owner only knows its name. */
async function madeBefore(mesh: Mesh, context: ApiContext, backfillId: string) {
  const query = { backfillId };
  const [found, listed] = await Promise.all([
    repeated(mesh, context, (call) => mesh.query.getBackfill({ query }, call)),
    repeated(mesh, context, (call) =>
      mesh.query.listBackfillDates({ query: { ...query, pageSize: DATES_SHOWN_MAX } }, call),
    ),
  ]);
  const dates = present(listed.page).dates.flatMap(({ date }) => date ?? []);
  return {
    backfill: present(found.answer?.status?.backfill),
    dates,
    actionCounts: countActions(dates),
  };
}
