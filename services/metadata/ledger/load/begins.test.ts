// When attempts of a DAG began: what counts towards the rates of its limit keys.
import { beforeAll, describe, expect, test } from 'vitest';
import { DagRunState, RunType, TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { anAttempt, aRun, aTaskInstance, ledgerOf } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler } = useMetadata();

const NOON_MS = Date.UTC(2026, 0, 1, 12);
/** So many seconds after noon. */
const second = (n: number) => toTimestamp(NOON_MS + n * 1_000);

const { FAILED, REJECTED, RUNNING, SUCCESS } = TaskAttemptState;
const over = (endSecond: number) => ({
  dagVersionId: 1n,
  state: DagRunState.SUCCESS,
  endDate: second(endSecond),
});

async function begin(
  run: Parameters<typeof aRun>[0] & object,
  taskId: string,
  ...attempts: readonly (readonly [at: number, state: TaskAttemptState])[]
): Promise<void> {
  const newRun = aRun(run);
  const instance = aTaskInstance({ dagRunId: newRun.id, taskId });
  const newAttempts = attempts.map(([at, state], index) =>
    anAttempt({
      taskInstanceId: instance.id,
      epoch: BigInt(index + 1),
      state,
      startDate: second(at),
      ...(state === RUNNING ? {} : { endDate: second(at + 1) }),
    }),
  );
  await scheduler.commit(
    { newRuns: [newRun], newTaskInstances: [instance], newAttempts },
    newRun.dagId,
  );
}

async function begins(sinceSecond: number, query: object = {}): Promise<readonly number[]> {
  const asked = { dagId: 'etl', taskIds: ['call'], since: second(sinceSecond), limit: 100 };
  const answer = await ledgerOf(metadata).loadBegins({ ...asked, ...query });
  return answer.begins.map(({ at }) => ((fromTimestamp(at) ?? 0) - NOON_MS) / 1_000);
}

beforeAll(async () => {
  await begin({ ...over(25) }, 'call', [10, FAILED], [20, SUCCESS]);
  await begin({}, 'call', [30, REJECTED], [31, FAILED], [40, RUNNING]);
  await begin({ ...over(51) }, 'call', [50, SUCCESS]);
  await begin({ ...over(51) }, 'call', [50, SUCCESS]);
  await begin({ ...over(61) }, 'other', [60, SUCCESS]);
  await begin({ ...over(61), dagId: 'elsewhere' }, 'call', [60, SUCCESS]);
  const callback = { runType: RunType.CALLBACK, callbackOfRunId: 'first' };
  await begin({ ...over(61), ...callback }, 'call', [60, SUCCESS]);
});

describe('what began', () => {
  test('is told of runs that go on and that are over, every try, the newest first', async () => {
    expect(await begins(0)).toEqual([50, 50, 40, 31, 20, 10]);
  });

  test('is later than was asked', async () => {
    expect(await begins(20)).toEqual([50, 50, 40, 31]);
    expect(await begins(50)).toEqual([]);
  });

  test('comes page by page, each attempt once', async () => {
    const paged: number[] = [];
    let beforeAttemptId = '';
    for (;;) {
      const asked = { dagId: 'etl', taskIds: ['call'], since: second(0), limit: 1 };
      const page = await ledgerOf(metadata).loadBegins({ ...asked, beforeAttemptId });
      const [only] = page.begins;
      if (only === undefined) break;
      beforeAttemptId = only.attemptId;
      paged.push(((fromTimestamp(only.at) ?? 0) - NOON_MS) / 1_000);
    }
    expect(paged).toEqual([50, 50, 40, 31, 20, 10]);
  });

  test('is told to the nearest millisecond', async () => {
    const startDate = toTimestamp(NOON_MS - 0.0005);
    const run = aRun({ dagId: 'fine' });
    const instance = aTaskInstance({ dagRunId: run.id, taskId: 'call' });
    const attempt = anAttempt({ taskInstanceId: instance.id, startDate });
    await scheduler.commit(
      { newRuns: [run], newTaskInstances: [instance], newAttempts: [attempt] },
      'fine',
    );
    expect(await begins(-10, { dagId: 'fine' })).toEqual([0]);
  });

  test('of a DAG that nobody knows is nothing', async () => {
    expect(await begins(0, { dagId: 'unknown' })).toEqual([]);
  });
});
