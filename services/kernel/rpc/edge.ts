// The public door: gRPC, gRPC-Web, Connect and plain JSON from the same handlers on one port.
import type { RequestListener } from 'node:http';
import type { DescMethod } from '@bufbuild/protobuf';
import type { ConnectRouter } from '@connectrpc/connect';
import { fail } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { bearerOf, callerOf, checkCaller } from './door.ts';
import { addToRouter } from './edge-handler.ts';
import { createEdgeListener } from './edge-listener.ts';
import { createHealth } from './health.ts';
import { startOnePort } from './one-port.ts';
import { createOpenCalls } from './open-calls.ts';
import { reflectionServices } from './reflection.ts';
import type { RpcService } from './service.ts';

/** What is known of a call before its body is read. */
export type EdgeCall = {
  readonly method: DescMethod;
  /** The text after `authorization: Bearer `. */
  readonly bearer: string | undefined;
  readonly header: Headers;
};

/** What the door is made of. */
export type EdgeServerOptions<P> = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly services: readonly RpcService<P>[];
  readonly log: Log;
  /**
   * Who calls; becomes `context.principal`. Throw `unauthenticated` or `bad_token` to refuse before
   * the body is read.
   */
  readonly authenticate: (call: EdgeCall) => Promise<P> | P;
  /** Needed when a service lists callers: their tokens are signed with it. */
  readonly clusterKey?: string;
  /** Largest request message in bytes. Default 4 MiB. */
  readonly receiveMaxBytes?: number;
  /**
   * Answers requests whose path is no RPC, e.g. pages and REST. By default they get 404 with JSON.
   */
  readonly fallback?: RequestListener;
};

/** A listening door. */
export type EdgeServer = {
  readonly port: number;
  /**
   * Ends streams, waits for other calls at most `graceMs` (5 s), then cuts what is left. May be
   * called twice.
   */
  stop(graceMs?: number): Promise<void>;
};

const RECEIVE_MAX_BYTES = 4 * 1024 * 1024;
const STOP_GRACE_MS = 5_000;

/**
 * Starts to listen; rejects when the port is taken. Pages of other origins get nothing: there are
 * no CORS headers.
 */
export async function startEdgeServer<P>(options: EdgeServerOptions<P>): Promise<EdgeServer> {
  const openCalls = createOpenCalls();
  const health = createHealth(options.services);
  const door = { openCalls, log: options.log };
  const routes = (router: ConnectRouter) => {
    for (const service of [health.service, ...reflectionServices(options.services)]) {
      const admit = () => ({ caller: '', bearer: undefined, principal: undefined });
      addToRouter(router, service, { ...door, admit });
    }
    for (const service of options.services) {
      const admit = async (method: DescMethod, header: Headers) => {
        const bearer = bearerOf(header.get('authorization'));
        const caller = callerOf(options.clusterKey, bearer);
        checkCaller(service, caller);
        return {
          caller,
          bearer,
          principal: await options.authenticate({ method, bearer, header }),
        };
      };
      addToRouter(router, service, { ...door, admit });
    }
  };
  const server = await startOnePort({
    host: options.host,
    port: options.port,
    listener: createEdgeListener({
      routes,
      receiveMaxBytes: options.receiveMaxBytes ?? RECEIVE_MAX_BYTES,
      fallback: options.fallback ?? notFound,
      log: options.log,
    }),
  });
  let stopped: Promise<void> | undefined;
  return {
    port: server.port,
    stop: (graceMs = STOP_GRACE_MS) => {
      health.setServing(false);
      openCalls.abortStreams(fail('shutting_down', 'this server is stopping; call again'));
      stopped ??= server.stop(graceMs);
      return stopped;
    },
  };
}

/** The answer to a path that is no RPC, in the form Connect's clients read. */
const notFound: RequestListener = (request, response) => {
  const message = `nothing is at ${request.url}; RPCs are POST /package.Service/Method`;
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code: 'not_found', message }));
};
