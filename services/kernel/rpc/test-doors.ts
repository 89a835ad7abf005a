// For tests of this room: every kind of door, and small services to serve behind it.
import type { DescService, MessageInitShape } from '@bufbuild/protobuf';
import { createGrpcTransport as createEdgeGrpcTransport } from '@connectrpc/connect-node';
import {
  PartitionService,
  type WatchPartitionsResponseSchema,
} from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import {
  type SessionRequestSchema,
  type SessionResponseSchema,
  WorkerService,
} from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { mintServiceToken } from '../auth/service-token.ts';
import { ConnectError, fail } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { type Client, createClient, createDial } from './client.ts';
import { startEdgeServer } from './edge.ts';
import { createLocalMesh } from './local.ts';
import { startGrpcServer } from './server.ts';
import { type Callers, type Handlers, type RpcService, rpcService } from './service.ts';

/** Signs every token of these tests. */
export const clusterKey = 'a cluster key for tests';

/** A door that is open. */
export type Door = {
  connect<S extends DescService>(service: S, caller: string): Client<S>;
  stop(): Promise<void>;
};

type OpenDoor = (services: readonly RpcService[], log: Log) => Promise<Door>;

/** All doors that must behave alike. */
export const doors: readonly (readonly [string, OpenDoor])[] = [
  ['the network door', openNetworkDoor],
  ['the local mesh', openLocalDoor],
  ['the edge', openEdgeDoor],
];

async function openNetworkDoor(services: readonly RpcService[], log: Log): Promise<Door> {
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services, clusterKey, log });
  const dials: { close(): Promise<void> }[] = [];
  return {
    connect: (service, caller) => {
      const dial = createDial({ caller, clusterKey });
      dials.push(dial);
      return dial(service, `127.0.0.1:${server.port}`);
    },
    stop: async () => {
      for (const dial of dials) await dial.close();
      await server.stop(100);
    },
  };
}

async function openLocalDoor(services: readonly RpcService[], log: Log): Promise<Door> {
  const local = createLocalMesh({ log });
  local.mount('it', services);
  return {
    connect: (service, caller) => createDial({ caller, clusterKey, local })(service, 'local:it'),
    stop: async () => local.unmount('it'),
  };
}

async function openEdgeDoor(services: readonly RpcService[], log: Log): Promise<Door> {
  const server = await startEdgeServer({
    host: '127.0.0.1',
    port: 0,
    services,
    clusterKey,
    log,
    authenticate: () => undefined,
  });
  return {
    connect: (service, caller) => {
      const transport = createEdgeGrpcTransport({
        baseUrl: `http://127.0.0.1:${server.port}`,
        interceptors: [
          (next) => (request) => {
            const token = `Bearer ${mintServiceToken(clusterKey, caller)}`;
            if (!request.header.has('authorization')) request.header.set('authorization', token);
            return next(request);
          },
        ],
      });
      return createClient(service, transport);
    },
    stop: () => server.stop(100),
  };
}

/** A whole service of which only some RPCs matter; the others refuse. */
function serving<S extends DescService>(
  service: S,
  some: Partial<Handlers<S>>,
  callers: Callers,
): RpcService {
  const refuse = () => {
    throw fail('method_not_found', 'not part of this test');
  };
  const all = Object.fromEntries(service.methods.map(({ localName }) => [localName, refuse]));
  return rpcService(service, { ...all, ...some } as Handlers<S>, { callers });
}

/** A scheduler that serves these RPCs. */
export function scheduler(
  some: Partial<Handlers<typeof SchedulerService>>,
  callers: Callers = ['api', 'executor'],
): RpcService {
  return serving(SchedulerService, some, callers);
}

/** A partition service that serves this watch. */
export function partitions(
  watchPartitions: Handlers<typeof PartitionService>['watchPartitions'],
): RpcService {
  return serving(PartitionService, { watchPartitions }, ['api']);
}

/** A worker service that serves this session. */
export function worker(session: Handlers<typeof WorkerService>['session']): RpcService {
  return serving(WorkerService, { session }, ['worker']);
}

/** A valid request to Explain. */
export const aQuestion = { dagId: 'd', runId: 'r', taskId: 't' };

/** A map with one scheduler, whose address can be as long as one likes. */
export function aMap(
  index: number,
  address = 'a:1',
): MessageInitShape<typeof WatchPartitionsResponseSchema> {
  return { schedulers: [{ schedulerId: `s${index}`, address }] };
}

/** What a worker says when it has more slots. */
export function aCredit(slots: number): MessageInitShape<typeof SessionRequestSchema> {
  return { message: { case: 'credit', value: { slots } } };
}

/** What an executor says when it wants no more of a worker. */
export function aDrain(reason: string): MessageInitShape<typeof SessionResponseSchema> {
  return { message: { case: 'drain', value: { reason } } };
}

/** Requests that are sent one at a time, each when `next` is called; the first at once. */
export function turnTaking(turnsCount: number) {
  let turn = Promise.withResolvers<void>();
  turn.resolve();
  return {
    next: () => turn.resolve(),
    requests: async function* () {
      for (let slots = 1; slots <= turnsCount; slots += 1) {
        await turn.promise;
        turn = Promise.withResolvers<void>();
        yield aCredit(slots);
      }
      await turn.promise;
    },
  };
}

/** Waits until the signal aborts, then rejects with its reason. */
export function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** The error a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  const outcome = await call.then(
    () => new Error('the call succeeded'),
    (error: unknown) => error,
  );
  if (outcome instanceof ConnectError) return outcome;
  throw outcome;
}

/** The patience of `eventually` in these tests. */
export function soon(what: string) {
  return { deadlineMs: 60_000, what };
}
