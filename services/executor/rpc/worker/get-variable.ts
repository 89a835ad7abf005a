// WorkerService.GetVariable: a variable, for a running task.
import type { WorkerHandler } from './door.ts';

export const getVariable: WorkerHandler<'getVariable'> =
  ({ live, secrets }) =>
  async ({ attemptToken, key }, { signal }) => {
    await live.require(attemptToken, signal);
    const { value } = await secrets.resolveVariable({ key }, { signal });
    return { value };
  };
