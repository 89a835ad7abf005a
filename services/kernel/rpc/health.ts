// grpc.health.v1: what load balancers, probes and grpcurl ask a server.
import {
  Health,
  type HealthCheckRequest,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '#gen/grpc/health/v1/health_pb.ts';
import { Code, ConnectError } from '../errors/errors.ts';
import { createMessageQueue, type MessageQueue } from './message-queue.ts';
import { type CallContext, type RpcService, rpcService } from './service.ts';

/** A server's own answer to the question how it is. */
export type HealthState = {
  readonly service: RpcService;
  /** Tells everybody who watches. All services of a server are well or unwell together. */
  setServing(isServing: boolean): void;
};

/** Changes that may wait for one watcher. */
const CHANGES_MAX = 100;

/** Health of a server with these services; serving from the start. */
export function createHealth(services: readonly Pick<RpcService, 'desc'>[]): HealthState {
  const names = new Set(['', ...services.map(({ desc }) => desc.typeName)]);
  const watchers = new Set<MessageQueue<{ status: ServingStatus }>>();
  let status: ServingStatus = ServingStatus.SERVING;

  async function check(request: HealthCheckRequest) {
    if (names.has(request.service)) return { status };
    // The health contract's own code; clients that know it expect no reason beside it.
    throw new ConnectError(`there is no service ${request.service} here`, Code.NotFound);
  }
  async function* watch(request: HealthCheckRequest, context: CallContext) {
    const changes = createMessageQueue<{ status: ServingStatus }>({ messagesMax: CHANGES_MAX });
    const leave = () => changes.abort(context.signal.reason);
    const isKnown = names.has(request.service);
    changes.push({ status: isKnown ? status : ServingStatus.SERVICE_UNKNOWN });
    if (isKnown) watchers.add(changes);
    context.signal.addEventListener('abort', leave);
    try {
      yield* changes;
    } finally {
      watchers.delete(changes);
    }
  }
  return {
    service: rpcService(Health, { check, watch }, { callers: 'anyone' }),
    setServing: (isServing) => {
      const next = isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
      if (next === status) return;
      status = next;
      for (const watcher of watchers) watcher.push({ status });
    },
  };
}
