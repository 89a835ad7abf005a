// The network door of a service: grpc-js in front of plain handlers, with limits and health.
import * as grpc from '@grpc/grpc-js';
import { systemClock } from '../clock/clock.ts';
import { fail } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { definitionOf } from './grpc-codec.ts';
import { type GrpcDoor, grpcHandlerOf } from './grpc-handler.ts';
import { createHealth } from './health.ts';
import { createOpenCalls, type OpenCalls } from './open-calls.ts';
import { reflectionServices } from './reflection.ts';
import { pathOf, type RpcService } from './service.ts';

/** A listening server. */
export type GrpcServer = {
  /** The port it listens on. */
  readonly port: number;
  /** Lets callers in, for a server that was started with `isClosed`; health says SERVING. */
  open(): void;
  /** Tells health checks that it is about to go; calls are served as before. */
  leave(): void;
  /**
   * Takes no new calls, ends open streams by aborting their signals (`shutting_down`), waits for
   * all calls at most `graceMs` (5 s), then cuts what is left. May be called twice.
   */
  stop(graceMs?: number): Promise<void>;
};

/** How much a server takes. */
export type ServerLimits = {
  /**
   * Largest request message in bytes; a larger one is refused with RESOURCE_EXHAUSTED. Default 4
   * MiB.
   */
  readonly receiveMaxBytes?: number;
  /** Most calls at once on one connection. Default 1,000. */
  readonly streamsMax?: number;
};

/** What a server is made of. */
export type GrpcServerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly services: readonly RpcService[];
  readonly clusterKey: string;
  readonly log: Log;
  readonly limits?: ServerLimits;
  /** Refuse all calls but health and reflection with `starting` until `open` is called. */
  readonly isClosed?: boolean;
};

const RECEIVE_MAX_BYTES = 4 * 1024 * 1024;
const STREAMS_MAX = 1_000;
const STOP_GRACE_MS = 5_000;
const FORCED_WAIT_MS = 500;
/** HTTP/2 flow-control window: Node's 64 KiB would cost large messages many round trips. */
const WINDOW_BYTES = 1024 * 1024;

/** Starts to listen; rejects when the port is taken. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { clusterKey, log } = options;
  const server = new grpc.Server({
    'grpc.max_receive_message_length': options.limits?.receiveMaxBytes ?? RECEIVE_MAX_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': options.limits?.streamsMax ?? STREAMS_MAX,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.enable_channelz': 0,
    'grpc-node.flow_control_window': WINDOW_BYTES,
  });
  const health = createHealth(options.services);
  const openCalls = createOpenCalls();
  let isOpen = !options.isClosed;
  health.setServing(isOpen);

  const own = [health.service, ...reflectionServices(options.services)];
  for (const service of own) {
    addService(server, service, { clusterKey, log, openCalls, isOpen: () => true });
  }
  for (const service of options.services) {
    addService(server, service, { clusterKey, log, openCalls, isOpen: () => isOpen });
  }
  const port = await bind(server, `${options.host}:${options.port}`);
  let stopped: Promise<void> | undefined;
  return {
    port,
    open: () => {
      isOpen = true;
      health.setServing(true);
    },
    leave: () => health.setServing(false),
    stop: (graceMs = STOP_GRACE_MS) => {
      health.setServing(false);
      stopped ??= stopServer(server, openCalls, graceMs);
      return stopped;
    },
  };
}

function addService(server: grpc.Server, service: RpcService, door: GrpcDoor): void {
  const definitions = service.methods.map(({ desc }) => [pathOf(desc), definitionOf(desc)]);
  const handlers = service.methods.map((method) => [
    pathOf(method.desc),
    grpcHandlerOf(service, method, door),
  ]);
  server.addService(Object.fromEntries(definitions), Object.fromEntries(handlers));
}

function bind(server: grpc.Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
}

async function stopServer(
  server: grpc.Server,
  openCalls: OpenCalls,
  graceMs: number,
): Promise<void> {
  const reason = fail('shutting_down', 'this server is stopping; call again, others take over');
  const drained = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  openCalls.abortStreams(reason);
  const inTime = new AbortController();
  void drained.then(() => inTime.abort());
  await systemClock.sleep(graceMs, inTime.signal);
  openCalls.cutAll(reason);
  server.forceShutdown();
  // A peer that reads nothing keeps its socket open even then; this program need not wait for it.
  await systemClock.sleep(FORCED_WAIT_MS, inTime.signal);
}
