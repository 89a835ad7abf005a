// What PauseBackfill, UnpauseBackfill and CancelBackfill share: find its DAG, ask that one's owner.
import type { Backfill, BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { type ApiContext, atOwner, type Mesh, present, repeated } from '../mesh.ts';

/** Brings a backfill into a state, and answers what it is then. */
export async function changeBackfill(
  mesh: Mesh,
  context: ApiContext,
  { backfillId, state }: { readonly backfillId: string; readonly state: BackfillState },
): Promise<{ readonly backfill: Backfill }> {
  const found = await repeated(mesh, context, (call) =>
    mesh.query.getBackfill({ query: { backfillId } }, call),
  );
  const { dagId } = present(found.answer?.status?.backfill);
  const request = { dagId, backfillId, state, actor: context.principal.userName };
  const answer = await atOwner(mesh, context, {
    dagId,
    call: (owner, call) => owner.changeBackfill(request, call),
  });
  return { backfill: present(answer.backfill) };
}
