// SetNote: writes a note beside a run or a task instance.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { taskNotFound } from '#kernel/errors/not-found.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { instanceOf } from '../../core/instance.ts';
import { writeNote } from '../../core/operation/note.ts';
import type { RpcContext } from '../context.ts';
import { findRun, requireOwned } from '../find.ts';

type SetNote = Handler<(typeof SchedulerService)['method']['setNote']>;

export function setNote(context: RpcContext): SetNote {
  return async ({ dagId, runId, taskId, mapIndex, note, actor }) => {
    const find = await findRun(context, { dagId, runId });
    const dag = await context.engine.decide((deciding, moment) => {
      const { changes, picture } = deciding;
      const run = find(picture, moment);
      const instance = taskId === '' ? undefined : instanceOf(run, taskId, mapIndex);
      if (instance === undefined && taskId !== '') {
        throw taskNotFound({ dagId, runId, what: `task "${taskId}"` });
      }
      writeNote(deciding, run, { instance, note });
      const details = { task_id: taskId, note };
      changes.audits.add({ actor, action: 'set_note', dag: run.dag, runId, details });
      return run.dag;
    });
    requireOwned(dag);
    return {};
  };
}
