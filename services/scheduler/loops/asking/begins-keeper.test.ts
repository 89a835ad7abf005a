// The ledger is asked what began before a takeover: until it answers a rate lets nothing begin, and
// what happens meanwhile counts once.
import { describe, expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import {
  type LoadBeginsRequest,
  type LoadBeginsResponse,
  LoadBeginsResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import { Code, ConnectError, fail } from '#kernel/errors/errors.ts';
import { lease, report, trigger } from '../../testing/executor.ts';
import { asking, settled } from '../../testing/asking.ts';
import { aWorld, NEW_YEAR_MS } from '../../testing/picture-world.ts';
import { aDag, aTask } from '../../testing/specs.ts';
import { createWorld } from '../../testing/world.ts';
import { createBeginsKeeper } from './begins-keeper.ts';

/** Shorter than a worker may be silent. */
const PERIOD_MS = 12_000;

type Question = PromiseWithResolvers<LoadBeginsResponse> & {
  readonly request: Partial<LoadBeginsRequest>;
};

/** A DAG that was just loaded, with three tasks that name a key, and a ledger played by hand. */
function aScene(rateCount: number) {
  const world = aWorld({
    tasks: ['a', 'b', 'c'].map((taskId) => ({ taskId, limitKeys: ['api'] })),
    keyLimits: [{ key: 'api', rateCount, ratePeriod: toDuration(PERIOD_MS) }],
    activeTasksMax: 9,
  });
  const asked: Question[] = [];
  const options = asking(world, () => keeper);
  const keeper = createBeginsKeeper({
    ...options,
    ledger: {
      loadBegins: (request) => {
        const question = { ...Promise.withResolvers<LoadBeginsResponse>(), request };
        asked.push(question as Question);
        return question.promise;
      },
    },
  });
  return { world, asked, clock: options.clock, keeper };
}

function begunAt(...instantsMs: readonly number[]): LoadBeginsResponse {
  return create(LoadBeginsResponseSchema, {
    begins: instantsMs.map((atMs, at) => ({ attemptId: `before-${at}`, at: toTimestamp(atMs) })),
  });
}

describe('a rate of a DAG that was just loaded', () => {
  test('lets nothing begin until the ledger has told, and then as many as it has left', async () => {
    const { world, asked, keeper } = aScene(2);
    world.run();
    keeper.look();
    expect(asked.map(({ request }) => request)).toMatchObject([
      { dagId: 'd', taskIds: ['a', 'b', 'c'], limit: 2 },
    ]);
    expect(world.lease(9)).toHaveLength(0);
    asked[0]?.resolve(begunAt(NEW_YEAR_MS - 1_000));
    await settled();
    expect(world.lease(9)).toHaveLength(1);
    await keeper.stop();
  });

  test('is asked about again when the ledger does not answer', async () => {
    const { world, asked, clock, keeper } = aScene(1);
    world.run();
    keeper.look();
    asked[0]?.reject(fail('unreachable', 'the network is gone'));
    await settled();
    await clock.advance(1_000);
    await settled();
    asked[1]?.resolve(begunAt());
    await settled();
    expect(world.lease(9)).toHaveLength(1);
    await keeper.stop();
  });

  test('opens after one period when metadata is too old to tell', async () => {
    const { world, asked, clock, keeper } = aScene(1);
    world.run();
    keeper.look();
    const refuse = async () => {
      asked.splice(0).forEach(({ reject }) => reject(new ConnectError('', Code.Unimplemented)));
      await settled();
    };
    await refuse();
    for (let passedMs = 0; passedMs < PERIOD_MS; passedMs += 1_000) {
      expect(world.lease(9)).toHaveLength(0);
      await clock.advance(1_000);
      await refuse();
    }
    await clock.advance(8_000);
    await settled();
    expect(asked).toHaveLength(0);
    expect(world.lease(9)).toHaveLength(1);
    await keeper.stop();
  });

  test('is asked about again when the DAG has another version before the answer', async () => {
    const { world, asked, keeper } = aScene(1);
    world.run();
    keeper.look();
    world.decide(() => {
      world.dag.version = { ...world.dag.version };
    });
    asked[0]?.resolve(begunAt());
    await settled();
    expect(world.lease(9)).toHaveLength(0);
    expect(asked).toHaveLength(2);
    asked[1]?.resolve(begunAt());
    await settled();
    expect(world.lease(9)).toHaveLength(1);
    await keeper.stop();
  });

  test('with more beginnings than one answer may hold is read page by page', async () => {
    const { asked, keeper } = aScene(50_001);
    keeper.look();
    asked[0]?.resolve(begunAt(...Array.from({ length: 50_000 }, (_, at) => NEW_YEAR_MS - at)));
    await settled();
    const { beforeAttemptId, limit } = asked[1]?.request ?? {};
    expect({ beforeAttemptId, limit }).toEqual({ beforeAttemptId: 'before-49999', limit: 1 });
    asked[1]?.resolve(begunAt());
    await settled();
    expect(asked).toHaveLength(2);
    await keeper.stop();
  });
});

describe('a scheduler that takes over', () => {
  async function aTakeover(rateCount: number) {
    const world = createWorld();
    const tasks = ['a', 'b', 'c', 'd'].map((taskId) => aTask(taskId, [], { limitKeys: ['api'] }));
    const keyLimits = [{ key: 'api', rateCount, ratePeriod: toDuration(PERIOD_MS) }];
    world.metadata.putDag(aDag('rated', tasks, { keyLimits }));
    const first = await world.start('s1');
    await trigger(first, 'rated');
    const takeOver = async () => {
      first.kill();
      await world.clock.advance(3_000);
      return world.start('heir');
    };
    const pass = async (untilMs: number) => world.clock.advance(untilMs - world.clock.nowMs());
    return { world, first, takeOver, pass };
  }

  test('counts once what begins while the ledger is asked', async () => {
    const { world, first, takeOver, pass } = await aTakeover(2);
    const beganMs = world.clock.nowMs();
    expect(await lease(first, 1)).toHaveLength(1);
    const free = world.metadata.holdBegins();
    const heir = await takeOver();
    const againMs = world.clock.nowMs();
    expect(await lease(heir, 9)).toHaveLength(1);
    free();
    await pass(beganMs + PERIOD_MS - 1);
    expect(await lease(heir, 9)).toHaveLength(0);
    await pass(beganMs + PERIOD_MS + 1);
    expect(await lease(heir, 9)).toHaveLength(1);
    await pass(againMs + PERIOD_MS + 1);
    expect(await lease(heir, 9)).toHaveLength(1);
    await world.end();
  });

  test('does not count what is given back while the answer of the ledger travels', async () => {
    const { world, first, takeOver } = await aTakeover(1);
    const [leased] = await lease(first, 1);
    const letRead = world.metadata.holdBegins();
    const heir = await takeOver();
    const letAnswer = world.metadata.holdBegins();
    letRead();
    await world.clock.advance(10);
    if (leased !== undefined) await report(heir, leased, AttemptEnd.REJECTED);
    expect(await lease(heir, 9)).toHaveLength(0);
    letAnswer();
    await world.clock.advance(100);
    expect(await lease(heir, 9)).toHaveLength(1);
    await world.end();
  });
});
