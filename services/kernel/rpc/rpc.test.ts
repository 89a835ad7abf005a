// What every door must do alike: the network's, the edge's in two protocols, and the in-memory one.
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/wait.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { WorkerService } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { mintServiceToken } from '../auth/service-token.ts';
import { Code, detailsOf, fail, isRetryable, reasonOf } from '../errors/errors.ts';
import { createLog, type Log } from '../log/log.ts';
import type { CallContext, RpcService } from './service.ts';
import {
  aCredit,
  aDrain,
  aMap,
  aQuestion,
  clusterKey,
  type Door,
  doors,
  failureOf,
  forever,
  partitions,
  scheduler,
  soon,
  turnTaking,
  worker,
} from './test-doors.ts';

const open: Door[] = [];
afterEach(async () => {
  for (const door of open.splice(0)) await door.stop();
});

describe.each(doors)('%s', (_name, openDoor) => {
  const serve = async (services: readonly RpcService[], log: Log = createLog('test', 'silent')) => {
    const door = await openDoor(services, log);
    open.push(door);
    return door;
  };

  it('answers a call with what the handler made of the request', async () => {
    const door = await serve([
      scheduler({ explain: async ({ taskId }) => ({ summary: `${taskId} waits` }) }),
    ]);
    const client = door.connect(SchedulerService, 'api');
    const { summary } = await client.explain({ dagId: 'd', runId: 'r', taskId: 'load' });
    expect(summary).toBe('load waits');
  });

  it('tells the handler who calls, proven by the token', async () => {
    let seen: CallContext | undefined;
    const door = await serve([
      scheduler({
        explain: async (_request, context) => {
          seen = context;
          return {};
        },
      }),
    ]);
    await door.connect(SchedulerService, 'executor').explain(aQuestion);
    expect(seen?.caller).toBe('executor');
    expect(seen?.bearer).toBe(mintServiceToken(clusterKey, 'executor'));
  });

  it('carries reason, sentence and details of an error to the caller', async () => {
    const door = await serve([
      scheduler({
        explain: async () => {
          throw fail('not_owner', 'ask scheduler s2', { details: { owner: 's2' } });
        },
      }),
    ]);
    const error = await failureOf(door.connect(SchedulerService, 'api').explain(aQuestion));
    expect(error.code).toBe(Code.FailedPrecondition);
    expect(reasonOf(error)).toBe('not_owner');
    expect(error.rawMessage).toBe('ask scheduler s2');
    expect(detailsOf(error)).toEqual({ owner: 's2' });
    expect(isRetryable(error)).toBe(true);
  });

  it('hides what a handler threw by mistake behind an id that the log knows', async () => {
    const lines: unknown[] = [];
    const log = { ...createLog('test', 'silent'), error: (line: unknown) => void lines.push(line) };
    const door = await serve(
      [
        scheduler({
          explain: async () => {
            throw new Error('syntax error at or near "select secret"');
          },
        }),
      ],
      log,
    );
    const error = await failureOf(door.connect(SchedulerService, 'api').explain(aQuestion));
    expect(error.code).toBe(Code.Internal);
    expect(error.rawMessage).not.toContain('select');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ error_id: detailsOf(error).error_id });
  });

  it('refuses callers that are not on the list, and says who is', async () => {
    const door = await serve([scheduler({}, ['executor', 'api'])]);
    const foreign = await failureOf(door.connect(SchedulerService, 'worker').explain(aQuestion));
    expect(reasonOf(foreign)).toBe('caller_not_allowed');
    const unknown = await failureOf(
      door.connect(SchedulerService, 'api').explain(aQuestion, {
        headers: { authorization: `Bearer ${mintServiceToken('another key', 'api')}` },
      }),
    );
    expect(reasonOf(unknown)).toBe('unauthenticated');
    expect(unknown.rawMessage).toContain('executor, api');
  });

  it('ends the handler and the call when the caller gives up', async () => {
    let handlerSignal: AbortSignal | undefined;
    const door = await serve([
      scheduler({
        explain: async (_request, context) => {
          handlerSignal = context.signal;
          return forever(context.signal);
        },
      }),
    ]);
    const giveUp = new AbortController();
    const call = failureOf(
      door.connect(SchedulerService, 'api').explain(aQuestion, { signal: giveUp.signal }),
    );
    await eventually(() => handlerSignal !== undefined, soon('the handler runs'));
    giveUp.abort();
    expect((await call).code).toBe(Code.Canceled);
    await eventually(() => handlerSignal?.aborted === true, soon('the handler is told'));
  });

  it('ends a call at its deadline, even when the handler does not look at its signal', async () => {
    const door = await serve([scheduler({ explain: () => new Promise(() => {}) })]);
    const client = door.connect(SchedulerService, 'api');
    const error = await failureOf(client.explain(aQuestion, { timeoutMs: 50 }));
    expect(error.code).toBe(Code.DeadlineExceeded);
    expect(isRetryable(error)).toBe(true);
  });

  it('streams answers in order until the handler is done', async () => {
    const door = await serve([
      partitions(async function* () {
        for (let index = 0; index < 500; index += 1) yield aMap(index);
      }),
    ]);
    const seen: string[] = [];
    for await (const map of door.connect(PartitionService, 'api').watchPartitions({})) {
      seen.push(map.schedulers[0]?.schedulerId ?? '');
    }
    expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => `s${index}`));
  });

  it('keeps what came before an error in a stream', async () => {
    const door = await serve([
      partitions(async function* () {
        yield aMap(1);
        throw fail('taking_over', 'come back in a moment');
      }),
    ]);
    const seen: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const map of door.connect(PartitionService, 'api').watchPartitions({})) {
          seen.push(map.schedulers[0]?.schedulerId ?? '');
        }
      })(),
    );
    expect(seen).toEqual(['s1']);
    expect(reasonOf(error)).toBe('taking_over');
  });

  it('ends the handler when the caller leaves its loop over the answers', async () => {
    let isEnded = false;
    const door = await serve([
      partitions(async function* (_request, context) {
        try {
          yield aMap(1);
          await forever(context.signal);
        } finally {
          isEnded = true;
        }
      }),
    ]);
    for await (const _map of door.connect(PartitionService, 'api').watchPartitions({})) break;
    await eventually(() => isEnded, soon('the handler has left'));
  });

  it('makes a handler wait for a caller that reads slowly', async () => {
    const padding = 'x'.repeat(50_000);
    let madeCount = 0;
    const door = await serve([
      partitions(async function* () {
        for (; madeCount < 5_000; madeCount += 1) yield aMap(madeCount, padding);
      }),
    ]);
    const answers = door.connect(PartitionService, 'api').watchPartitions({});
    await answers[Symbol.asyncIterator]().next();
    let before = -1;
    await eventually(
      () => {
        const isStill = before === madeCount;
        before = madeCount;
        return isStill;
      },
      { ...soon('the handler waits'), pollMs: 100 },
    );
    expect(madeCount).toBeLessThan(2_500);
  });

  it('carries a conversation: each message is answered while the stream stays open', async () => {
    const door = await serve([
      worker(async function* (requests) {
        for await (const { message } of requests) {
          if (message.case === 'credit') yield aDrain(`${message.value.slots}`);
        }
      }),
    ]);
    const turns = turnTaking(3);
    const heard: string[] = [];
    const answers = door.connect(WorkerService, 'worker').session(turns.requests());
    for await (const { message } of answers) {
      if (message.case === 'drain') heard.push(message.value.reason);
      turns.next();
    }
    expect(heard).toEqual(['1', '2', '3']);
  });

  it('ends a conversation with the error of the one who was still to speak', async () => {
    const door = await serve([
      worker(async function* (requests) {
        for await (const _request of requests) yield aDrain('heard');
      }),
    ]);
    async function* breaking() {
      yield aCredit(1);
      throw new Error('no more words');
    }
    const talk = async () => {
      for await (const _answer of door.connect(WorkerService, 'worker').session(breaking())) {
        // Only the end matters.
      }
    };
    await expect(talk()).rejects.toThrow('no more words');
  });
});
