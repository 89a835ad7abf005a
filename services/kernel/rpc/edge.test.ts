// What only the public door has to get right: three protocols on one port, sign-in, its end.
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { createGrpcWebTransport } from '@connectrpc/connect-node';
import { afterEach, describe, expect, it } from 'vitest';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { Health, HealthCheckResponse_ServingStatus } from '#gen/grpc/health/v1/health_pb.ts';
import { Code, fail, reasonOf } from '../errors/errors.ts';
import { createLog } from '../log/log.ts';
import { createClient } from './client.ts';
import { type EdgeServer, type EdgeServerOptions, startEdgeServer } from './edge.ts';
import { type EdgeClient, openEdge } from './edge-client.ts';
import { type Handlers, rpcService } from './service.ts';
import { aMap, aQuestion, failureOf, forever, partitions, scheduler } from './test-doors.ts';

const EXPLAIN = '/dagmesh.scheduler.v1.SchedulerService/Explain';

const servers: EdgeServer[] = [];
const edges: EdgeClient[] = [];
afterEach(async () => {
  for (const edge of edges.splice(0)) edge.close();
  for (const server of servers.splice(0)) await server.stop(0);
});

describe('the public door', () => {
  it('answers curl: JSON over HTTP/1.1', async () => {
    const url = await serve();
    const response = await post(`${url}${EXPLAIN}`, aQuestion);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ summary: 'ada asks about t' });
  });

  it('answers browsers: gRPC-Web', async () => {
    const url = await serve();
    const transport = createGrpcWebTransport({ baseUrl: url, httpVersion: '1.1' });
    const client = createClient(SchedulerService, transport);
    expect((await client.explain(aQuestion)).summary).toBe('ada asks about t');
  });

  it('answers on HTTP/2 on the same port, even when its first bytes come one by one', async () => {
    const port = Number(new URL(await serve()).port);
    const socket = connectTcp(port, '127.0.0.1');
    socket.setNoDelay(true);
    const opening = Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
    ]);
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    for (const byte of opening) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The fourth byte of a frame is its type; 4 is SETTINGS.
    expect((await answer)[3]).toBe(4);
    socket.destroy();
  });

  it('tells a lost visitor in JSON what there is', async () => {
    const url = await serve();
    const response = await fetch(`${url}/api/v2/dags`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'not_found' });
    const session = connectHttp2(url);
    const stream = session.request({ ':path': '/favicon.ico' });
    const [headers] = await new Promise<unknown[]>((resolve) =>
      stream.once('response', (...all) => resolve(all)),
    );
    expect(headers).toMatchObject({ ':status': 404 });
    session.close();
    stream.close();
  });

  it('leaves paths that are no RPC to its fallback', async () => {
    const url = await serve({ fallback: (_request, response) => void response.end('a page') });
    expect(await (await fetch(`${url}/index.html`)).text()).toBe('a page');
  });

  it('says nothing to pages of other origins', async () => {
    const url = await serve();
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const response = await fetch(`${url}${EXPLAIN}`, { method: 'OPTIONS', headers });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('sign-in', () => {
  it('refuses before the body is read', async () => {
    const url = await serve({
      authenticate: () => {
        throw fail('unauthenticated', 'sign in first');
      },
    });
    const response = await fetch(`${url}${EXPLAIN}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'this is not JSON',
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      code: 'unauthenticated',
      message: 'sign in first',
    });
  });

  it('sees the token and the method, and its finding reaches the handler', async () => {
    const seen: unknown[] = [];
    const url = await serve({
      authenticate: ({ bearer, method }) => {
        seen.push(bearer, method.name);
        return { name: 'grace' };
      },
    });
    const { summary } = await edgeOf(url, 'token-1').client(SchedulerService).explain(aQuestion);
    expect(seen).toEqual(['token-1', 'Explain']);
    expect(summary).toBe('grace asks about t');
  });

  it('is not asked of those who ask for health', async () => {
    const url = await serve({
      authenticate: () => {
        throw fail('unauthenticated', 'sign in first');
      },
    });
    const { status } = await edgeOf(url).client(Health).check({});
    expect(status).toBe(HealthCheckResponse_ServingStatus.SERVING);
  });

  it('that fails by mistake hides why', async () => {
    const url = await serve({
      authenticate: () => {
        throw new Error('select * from user_account');
      },
    });
    const response = await post(`${url}${EXPLAIN}`, aQuestion);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('user_account');
  });
});

describe('a request', () => {
  it('that breaks the contract is told which field', async () => {
    const response = await post(`${await serve()}${EXPLAIN}`, { ...aQuestion, runId: '' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('run_id'),
    });
  });

  it('that is too large is refused', async () => {
    const client = edgeOf(await serve()).client(SchedulerService);
    const taskId = 'x'.repeat(5 * 1024 * 1024);
    const error = await failureOf(client.explain({ ...aQuestion, taskId }));
    expect(error.code).toBe(Code.ResourceExhausted);
  });
});

describe('a door that closes', () => {
  it('ends streams with an error worth a retry and lets other calls finish', async () => {
    const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const explain = async () => {
      started.resolve();
      await gate.promise;
      return { summary: 'finished' };
    };
    const watch = partitions(async function* (_request, { signal }) {
      yield aMap(1);
      await forever(signal);
    });
    const open = { ...watch, callers: 'anyone' as const };
    const url = await serve({ services: [scheduler({ explain }, 'anyone'), open] });
    const edge = edgeOf(url);
    const reader = edge.client(PartitionService).watchPartitions({})[Symbol.asyncIterator]();
    await reader.next();
    const call = edge.client(SchedulerService).explain(aQuestion);
    await started.promise;
    const stopped = servers[0]?.stop(5_000);
    expect(reasonOf(await failureOf(reader.next()))).toBe('shutting_down');
    gate.resolve();
    expect((await call).summary).toBe('finished');
    await stopped;
  });

  it('does not wait for a connection that says nothing', async () => {
    const port = Number(new URL(await serve()).port);
    const socket = connectTcp(port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await servers[0]?.stop(50);
    await closed;
  });
});

type User = { readonly name: string };

const explaining: Pick<Handlers<typeof SchedulerService, User>, 'explain'> = {
  explain: async ({ taskId }, { principal }) => ({
    summary: `${principal.name} asks about ${taskId}`,
  }),
};

async function serve(options: Partial<EdgeServerOptions<User>> = {}): Promise<string> {
  const server = await startEdgeServer<User>({
    host: '127.0.0.1',
    port: 0,
    services: [
      rpcService(SchedulerService, explaining as Handlers<typeof SchedulerService, User>, {
        callers: 'anyone',
      }),
    ],
    log: createLog('test', 'silent'),
    authenticate: () => ({ name: 'ada' }),
    ...options,
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

function edgeOf(url: string, token?: string): EdgeClient {
  const edge = openEdge({ url, token });
  edges.push(edge);
  return edge;
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
