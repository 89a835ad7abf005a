// Connect's Transport over one grpc-js channel: how clients reach a service of another process.
import type { DescMessage, DescMethod, MessageShape } from '@bufbuild/protobuf';
import type { Transport } from '@connectrpc/connect';
import * as grpc from '@grpc/grpc-js';
import { type Clock, systemClock } from '../clock/clock.ts';
import { type Codec, codecOf } from './grpc-codec.ts';
import { readStream, writeAll } from './grpc-stream.ts';
import { type HeaderInit, streamResponse, unaryResponse } from './response.ts';
import { pathOf } from './service.ts';
import { abortError, deadlineError, fromStatus } from './wire-error.ts';

/** A transport with a connection that must be closed. */
export type GrpcTransport = Transport & { close(): void };

/** Deadline of a unary call that names none. */
export const UNARY_TIMEOUT_MS = 10_000;

/** Largest answer that is read: pictures and pages of the metadata service may be large, and it is trusted. */
const RECEIVE_MAX_BYTES = 64 * 1024 * 1024;

/** HTTP/2 flow-control window: with the default of 64 KiB a large message needs a round trip per window. */
const WINDOW_BYTES = 1024 * 1024;

const CHANNEL_OPTIONS: grpc.ChannelOptions = {
  'grpc.max_receive_message_length': RECEIVE_MAX_BYTES,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  // A restarted peer is found again within a second, not after minutes.
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc-node.flow_control_window': WINDOW_BYTES,
};

/** The methods of one transport, each with what it takes to call it. */
type Route = {
  readonly path: string;
  readonly input: Codec<DescMessage>;
  readonly output: Codec<DescMessage>;
};

/**
 * Opens a channel to `host:port`; it connects when first used and again whenever it broke. `authorization` is sent with each
 * call unless the call's own headers hold one. Calls to an address nobody serves fail with UNAVAILABLE at once.
 */
export function createGrpcTransport(options: {
  readonly address: string;
  readonly authorization: string;
  readonly clock?: Clock;
}): GrpcTransport {
  const clock = options.clock ?? systemClock;
  const credentials = grpc.credentials.createInsecure();
  const channel = new grpc.Client(options.address, credentials, CHANNEL_OPTIONS);
  const routeOf = createRoutes();

  return {
    unary: (method, signal, timeoutMs = UNARY_TIMEOUT_MS, header, input) => {
      const { path, input: request, output } = routeOf(method);
      const metadata = metadataOf(options.authorization, header);
      const deadline = clock.nowMs() + timeoutMs;
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(abortError(signal));
        const cancel = () => call.cancel();
        const call = channel.makeUnaryRequest(
          path,
          request.encode,
          output.decode,
          input,
          metadata,
          { deadline },
          (error, message) => {
            signal?.removeEventListener('abort', cancel);
            if (error !== null) return reject(callError(error, { path, signal, timeoutMs }));
            resolve(unaryResponse(method, message as MessageShape<typeof method.output>));
          },
        );
        signal?.addEventListener('abort', cancel);
      });
    },

    stream: async (method, signal, timeoutMs, header, input) => {
      if (signal?.aborted) throw abortError(signal);
      const { path, input: request, output } = routeOf(method);
      const metadata = metadataOf(options.authorization, header);
      const deadline = timeoutMs === undefined ? undefined : clock.nowMs() + timeoutMs;
      const call = channel.makeBidiStreamRequest(
        path,
        request.encode,
        output.decode,
        metadata,
        deadline === undefined ? {} : { deadline },
      );
      const ended = new AbortController();
      const answers = readStream<MessageShape<typeof method.output>>(call, {
        toError: (error) => callError(error as grpc.ServiceError, { path, signal, timeoutMs }),
      });
      const cancel = () => {
        call.cancel();
        if (signal !== undefined) answers.abort(abortError(signal));
      };
      signal?.addEventListener('abort', cancel);
      call.on('status', () => {
        signal?.removeEventListener('abort', cancel);
        ended.abort();
      });
      writeAll(call, input, ended.signal).then(
        () => call.end(),
        (error: unknown) => {
          // What the caller was still to send has failed: the call cannot go on, and the caller learns why.
          answers.abort(error);
          call.cancel();
        },
      );
      return streamResponse(method, answers);
    },

    close: () => channel.close(),
  };
}

function createRoutes(): (method: DescMethod) => Route {
  const routes = new Map<DescMethod, Route>();
  return (method) => {
    let route = routes.get(method);
    if (route === undefined) {
      route = {
        path: pathOf(method),
        input: codecOf(method.input),
        output: codecOf(method.output),
      };
      routes.set(method, route);
    }
    return route;
  };
}

function metadataOf(authorization: string, header: HeaderInit | undefined): grpc.Metadata {
  const metadata = new grpc.Metadata();
  metadata.set('authorization', authorization);
  if (header !== undefined) {
    for (const [name, value] of new Headers(header)) metadata.set(name, value);
  }
  return metadata;
}

function callError(
  error: grpc.ServiceError,
  call: { path: string; signal: AbortSignal | undefined; timeoutMs: number | undefined },
): Error {
  if (call.signal?.aborted) return abortError(call.signal);
  if (error.code === grpc.status.DEADLINE_EXCEEDED && call.timeoutMs !== undefined) {
    return deadlineError(call.path, call.timeoutMs);
  }
  return fromStatus(error);
}
