// The door for workers that cannot stream: the handlers of WorkerService over plain HTTP with JSON.
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Log } from '#kernel/log/log.ts';
import { type EdgeServer, startEdgeServer } from '#kernel/rpc/edge.ts';
import type { RpcService } from '#kernel/rpc/service.ts';

/** The door, with the port it listens on; 0 before it has started. */
export type Edge = Part & { readonly port: () => number };

/** A door for one service; who may call is the service's own rule. */
export function createEdge(options: {
  readonly host: string;
  readonly port: number;
  readonly service: RpcService;
  readonly clusterKey: string;
  readonly log: Log;
}): Edge {
  const { host, port, service, clusterKey, log } = options;
  let server: EdgeServer | undefined;
  return {
    name: 'edge',
    port: () => server?.port ?? 0,
    start: async () => {
      const authenticate = () => undefined;
      server = await startEdgeServer({
        host,
        port,
        services: [service],
        authenticate,
        clusterKey,
        log,
      });
    },
    stop: async () => {
      await server?.stop();
      server = undefined;
    },
  };
}
