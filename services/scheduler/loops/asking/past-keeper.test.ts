// The ledger is asked for the run before: once each, again when it does not answer, and an answer
// that is older than what was seen meanwhile does no harm.
import { expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import {
  type LoadPastResponse,
  LoadPastResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Run } from '../../core/run/run.ts';
import { TaskInstanceState } from '../../core/state.ts';
import { asking, settled } from '../../testing/asking.ts';
import { aWorld, instanceIn, NEW_YEAR_MS, type World } from '../../testing/picture-world.ts';
import { createPastKeeper } from './past-keeper.ts';

const { FAILED, NONE, QUEUED, RUNNING, SUCCESS } = TaskInstanceState;
const DAY_MS = 86_400_000;

type Asked = PromiseWithResolvers<LoadPastResponse>;

function aScene() {
  const world = aWorld({ tasks: [{ taskId: 'a', dependsOnPast: true }] });
  const asked: Asked[] = [];
  const options = asking(world, () => keeper);
  const keeper = createPastKeeper({
    ...options,
    ledger: {
      loadPast: () => {
        const question = Promise.withResolvers<LoadPastResponse>();
        asked.push(question);
        return question.promise;
      },
    },
  });
  return { world, asked, clock: options.clock, keeper };
}

function runOfDay(world: World, day: number): Run {
  return world.run({ runId: `day${day}`, logicalDateMs: NEW_YEAR_MS + day * DAY_MS });
}

function pastOf(day: number, state: TaskInstanceState): LoadPastResponse {
  const logicalDate = toTimestamp(NEW_YEAR_MS + day * DAY_MS);
  return create(LoadPastResponseSchema, {
    run: { runId: `day${day}`, logicalDate },
    taskInstances: [{ taskId: 'a', state }],
    taskIdsWithPast: ['a'],
  });
}

test('a run goes on with what the ledger tells of the run before', async () => {
  for (const [state, expected] of [
    [SUCCESS, QUEUED],
    [FAILED, NONE],
  ] as const) {
    const { world, asked, keeper } = aScene();
    const run = runOfDay(world, 1);
    keeper.look();
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(pastOf(0, state));
    await settled();
    expect(instanceIn(run, 'a').state).toBe(expected);
    keeper.look();
    expect(asked).toHaveLength(1);
    await keeper.stop();
  }
});

test('an answer from before the end of the run before is not believed', async () => {
  const { world, asked, keeper } = aScene();
  const first = runOfDay(world, 0);
  const second = runOfDay(world, 1);
  keeper.look();
  expect(asked).toHaveLength(2);
  asked[0]?.resolve(create(LoadPastResponseSchema, {}));
  await settled();
  world.lease();
  // The ledger has looked already, and the first run ends before the answer is here.
  world.end(first, 'a', AttemptEnd.SUCCESS);
  expect(instanceIn(second, 'a').state).toBe(NONE);
  asked[1]?.resolve(pastOf(0, RUNNING));
  await settled();
  expect(instanceIn(second, 'a').state).toBe(QUEUED);
  await keeper.stop();
});

test('a run that the ledger knows is nearer than one that ended before the answer was here', async () => {
  const { world, asked, keeper } = aScene();
  const first = runOfDay(world, 0);
  const third = runOfDay(world, 2);
  keeper.look();
  asked[0]?.resolve(create(LoadPastResponseSchema, {}));
  await settled();
  world.lease();
  world.end(first, 'a', AttemptEnd.SUCCESS);
  asked[1]?.resolve(pastOf(1, FAILED));
  await settled();
  expect(instanceIn(third, 'a').state).toBe(NONE);
  await keeper.stop();
});

test('a ledger that does not answer is asked again', async () => {
  const { world, asked, clock, keeper } = aScene();
  const run = runOfDay(world, 1);
  keeper.look();
  asked[0]?.reject(fail('unreachable', 'the network is gone'));
  await settled();
  await clock.advance(1_000);
  await settled();
  expect(asked).toHaveLength(2);
  asked[1]?.resolve(pastOf(0, SUCCESS));
  await settled();
  expect(instanceIn(run, 'a').state).toBe(QUEUED);
  await keeper.stop();
});
