// WorkerService.DeleteVariable: deletes a variable on behalf of a running task.
import { reasonOf } from '#kernel/errors/errors.ts';
import { actorOf, type WorkerHandler } from './door.ts';

export const deleteVariable: WorkerHandler<'deleteVariable'> =
  ({ live, catalog }) =>
  async ({ attemptToken, key }, { signal }) => {
    const attempt = await live.require(attemptToken, signal);
    try {
      await catalog.deleteVariable({ key, actor: actorOf(attempt) }, { signal });
    } catch (error) {
      // Gone is what was asked for, whoever did it; so a repeated call succeeds as the first did.
      if (reasonOf(error) !== 'variable_not_found') throw error;
    }
    return {};
  };
