// WorkerService.PullXCom: values of succeeded tasks or the attempt itself, of this run or others.
import { fail } from '#kernel/errors/errors.ts';
import { PULL_SIZE_MAX } from '../../core/limits.ts';
import { brokenPull, pullOf } from '../../core/pull.ts';
import type { WorkerHandler } from './door.ts';

export const pullXCom: WorkerHandler<'pullXCom'> =
  ({ live, xcomPull }) =>
  async (request, { signal }) => {
    const attempt = await live.require(request.attemptToken, signal);
    const broken = brokenPull(request);
    if (broken !== undefined) throw fail('bad_request', broken);
    const pull = pullOf(request, attempt.place);
    const { dagId, runId, includePriorDates: includesPriorDates } = request;
    const scope = { dagId, runId, includesPriorDates };
    const pulled = await xcomPull.pull(attempt, pull, scope, signal);
    if (pulled === undefined) {
      throw fail(
        'xcom_not_found',
        `task ${pull.taskId} has pushed no ${JSON.stringify(pull.key)} in this run`,
      );
    }
    const size = Buffer.byteLength(pulled.valueJson);
    if (size > PULL_SIZE_MAX) {
      const sentence = `these values have ${size} bytes, an answer takes ${PULL_SIZE_MAX}`;
      throw fail('xcom_too_large', `${sentence}; ask for fewer with map_indexes or slice`);
    }
    return pulled;
  };
