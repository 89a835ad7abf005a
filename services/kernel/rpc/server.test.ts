// What only the network's door has to get right: limits, contract, start and stop.
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/wait.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { WorkerService } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { Code, isRetryable, reasonOf } from '../errors/errors.ts';
import { createLog } from '../log/log.ts';
import { type ClosableDial, createDial } from './client.ts';
import { type GrpcServer, type GrpcServerOptions, startGrpcServer } from './server.ts';
import type { RpcService } from './service.ts';
import {
  aCredit,
  aDrain,
  aMap,
  aQuestion,
  clusterKey,
  failureOf,
  forever,
  partitions,
  scheduler,
  soon,
  worker,
} from './test-doors.ts';

const servers: GrpcServer[] = [];
const dials: ClosableDial[] = [];
afterEach(async () => {
  for (const dial of dials.splice(0)) await dial.close();
  for (const server of servers.splice(0)) await server.stop(0);
});

describe('the contract', () => {
  it('is kept at the door: a request that breaks a rule is told which field', async () => {
    const { port } = await serve([scheduler({ explain: async () => ({}) })]);
    const client = dialAs('api')(SchedulerService, address(port));
    const error = await failureOf(client.explain({ dagId: 'd', runId: '', taskId: 't' }));
    expect(reasonOf(error)).toBe('bad_request');
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.rawMessage).toContain('run_id');
  });

  it('is kept for each message of a stream; those before a broken one count', async () => {
    const { port } = await serve([echo]);
    const talk = dialAs('worker')(WorkerService, address(port)).session(
      (async function* () {
        yield aCredit(1);
        yield aCredit(0);
      })(),
    );
    const heard: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const { message } of talk) heard.push(message.case ?? '');
      })(),
    );
    expect(heard).toEqual(['drain']);
    expect(reasonOf(error)).toBe('bad_request');
    expect(error.rawMessage).toContain('credit.slots');
  });
});

describe('a call that was answered', () => {
  it('is not cancelled when its connection closes the stream behind it', async () => {
    const signals: AbortSignal[] = [];
    const explain = async (_: unknown, { signal }: { readonly signal: AbortSignal }) => {
      signals.push(signal);
      return {};
    };
    const server = await serve([scheduler({ explain })]);
    const client = dialAs('api')(SchedulerService, address(server.port));
    for (let calls = 0; calls < 3; calls += 1) await client.explain(aQuestion);
    for (const dial of dials.splice(0)) await dial.close();
    await server.stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  });
});

describe('a message that is too large', () => {
  it('is refused with RESOURCE_EXHAUSTED, and the server goes on', async () => {
    const { port } = await serve([scheduler({ explain: async () => ({}) })]);
    const client = dialAs('api')(SchedulerService, address(port));
    const taskId = 'x'.repeat(5 * 1024 * 1024);
    const error = await failureOf(client.explain({ ...aQuestion, taskId }));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(isRetryable(error)).toBe(false);
    await client.explain(aQuestion);
  });

  it('passes where the server allows it', async () => {
    const service = scheduler({ explain: async ({ taskId }) => ({ summary: `${taskId.length}` }) });
    const { port } = await serve([service], { limits: { receiveMaxBytes: 16 * 1024 * 1024 } });
    const client = dialAs('api')(SchedulerService, address(port));
    const taskId = 'x'.repeat(5 * 1024 * 1024);
    expect((await client.explain({ ...aQuestion, taskId })).summary).toBe(`${5 * 1024 * 1024}`);
  });
});

describe('a server that starts', () => {
  it('tells callers to come back until it is open', async () => {
    const server = await serve([scheduler({ explain: async () => ({}) })], { isClosed: true });
    const client = dialAs('api')(SchedulerService, address(server.port));
    const error = await failureOf(client.explain(aQuestion));
    expect(reasonOf(error)).toBe('starting');
    expect(isRetryable(error)).toBe(true);
    server.open();
    await client.explain(aQuestion);
  });

  it('says so when its port is taken', async () => {
    const { port } = await serve([]);
    await expect(serve([], { port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
  });
});

describe('a server that stops', () => {
  it('ends streams with an error worth a retry, and lets unary calls finish', async () => {
    const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const server = await serve([
      scheduler({
        explain: async (_request, { signal }) => {
          started.resolve();
          await gate.promise;
          return { summary: signal.aborted ? 'aborted' : 'finished' };
        },
      }),
      partitions(async function* (_request, { signal }) {
        yield aMap(1);
        await forever(signal);
      }),
    ]);
    const dial = dialAs('api');
    const answers = dial(PartitionService, address(server.port)).watchPartitions({});
    const reader = answers[Symbol.asyncIterator]();
    await reader.next();
    const call = dial(SchedulerService, address(server.port)).explain(aQuestion);
    await started.promise;
    const stopped = server.stop(5_000);
    const error = await failureOf(reader.next());
    expect(reasonOf(error)).toBe('shutting_down');
    expect(isRetryable(error)).toBe(true);
    gate.resolve();
    expect((await call).summary).toBe('finished');
    await stopped;
  });

  it('lets a stream say its last words', async () => {
    const server = await serve([
      partitions(async function* (_request, { signal }) {
        yield aMap(1);
        await forever(signal).catch(() => undefined);
        yield aMap(2);
      }),
    ]);
    const client = dialAs('api')(PartitionService, address(server.port));
    const seen: string[] = [];
    let stopped: Promise<void> | undefined;
    const error = await failureOf(
      (async () => {
        for await (const map of client.watchPartitions({})) {
          seen.push(map.schedulers[0]?.schedulerId ?? '');
          stopped ??= server.stop(5_000);
        }
      })(),
    );
    expect(seen).toEqual(['s1', 's2']);
    expect(reasonOf(error)).toBe('shutting_down');
    await stopped;
  });

  it('does not wait longer than its grace for a handler that does not end', async () => {
    const { service, started } = neverAnswering();
    const server = await serve([service]);
    const client = dialAs('api')(SchedulerService, address(server.port));
    const call = failureOf(client.explain(aQuestion));
    await started;
    await server.stop(50);
    await server.stop();
    expect(isRetryable(await call)).toBe(true);
  });
});

describe('a client', () => {
  it('is told at once when nobody serves its address', async () => {
    const { port, stop } = await serve([]);
    await stop(0);
    const client = dialAs('api')(SchedulerService, address(port));
    const error = await failureOf(client.explain(aQuestion));
    expect(error.code).toBe(Code.Unavailable);
    expect(isRetryable(error)).toBe(true);
  });

  it('finds a server again that was started anew on its port', async () => {
    const service = scheduler({ explain: async () => ({ summary: 'here' }) });
    const first = await serve([service]);
    const client = dialAs('api')(SchedulerService, address(first.port));
    await client.explain(aQuestion);
    await first.stop(0);
    await failureOf(client.explain(aQuestion));
    await serve([service], { port: first.port });
    await eventually(
      () =>
        client.explain(aQuestion).then(
          () => true,
          () => false,
        ),
      soon('the client has found it'),
    );
  });

  it('has its calls cancelled when its dial is closed', async () => {
    const { service, started } = neverAnswering();
    const { port } = await serve([service]);
    const dial = dialAs('api');
    const call = failureOf(dial(SchedulerService, address(port)).explain(aQuestion));
    await started;
    await dial.close();
    expect((await call).code).toBe(Code.Canceled);
  });
});

const echo: RpcService = worker(async function* (requests) {
  for await (const { message } of requests) {
    if (message.case === 'credit') yield aDrain('heard');
  }
});

function neverAnswering() {
  const started = Promise.withResolvers<void>();
  const explain = () => {
    started.resolve();
    return new Promise<never>(() => {});
  };
  return { service: scheduler({ explain }), started: started.promise };
}

async function serve(
  services: readonly RpcService[],
  options: Partial<GrpcServerOptions> = {},
): Promise<GrpcServer> {
  const log = createLog('test', 'silent');
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    services,
    clusterKey,
    log,
    ...options,
  });
  servers.push(server);
  return server;
}

function dialAs(caller: string): ClosableDial {
  const dial = createDial({ caller, clusterKey });
  dials.push(dial);
  return dial;
}

function address(port: number): string {
  return `127.0.0.1:${port}`;
}
