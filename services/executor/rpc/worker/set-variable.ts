// WorkerService.SetVariable: sets a variable on behalf of a running task.
import { actorOf, type WorkerHandler } from './door.ts';

export const setVariable: WorkerHandler<'setVariable'> =
  ({ live, catalog }) =>
  async ({ attemptToken, key, value, description }, { signal }) => {
    const attempt = await live.require(attemptToken, signal);
    const variable = { key, value, description };
    await catalog.putVariable({ variable, actor: actorOf(attempt) }, { signal });
    return {};
  };
