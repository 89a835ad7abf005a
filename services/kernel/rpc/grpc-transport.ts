// Connect's Transport over one grpc-js channel: how clients reach a service of another process.
import type { DescMessage, DescMethod, Message, MessageShape } from '@bufbuild/protobuf';
import type { Transport } from '@connectrpc/connect';
import * as grpc from '@grpc/grpc-js';
import { systemClock } from '../clock/clock.ts';
import type { ConnectError } from '../errors/errors.ts';
import { type Codec, codecOf } from './grpc-codec.ts';
import { readStream, writeAll } from './grpc-stream.ts';
import { type HeaderInit, streamResponse, unaryResponse } from './response.ts';
import { type MessageInit, pathOf } from './service.ts';
import { abortError, deadlineError, fromStatus } from './wire-error.ts';

/** A transport with a connection that must be closed; that cancels the calls under way. */
export type GrpcTransport = Transport & { close(): void };

/** Deadline of a unary call that names none. */
export const UNARY_TIMEOUT_MS = 10_000;

/** Largest answer that is read, in bytes: pictures of a scheduler's partitions are large. */
const RECEIVE_MAX_BYTES = 64 * 1024 * 1024;

/** HTTP/2 flow-control window: Node's 64 KiB would cost large messages many round trips. */
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
  // grpc-js would keep what a stream sends for a retry of its own: 1 MiB without back-pressure, at
  // a cost that grows with the square of the backlog. We retry above it.
  'grpc.enable_retries': 0,
  'grpc.per_rpc_retry_buffer_size': 0,
  'grpc.enable_channelz': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc-node.flow_control_window': WINDOW_BYTES,
};

/** One channel, with the calls under way on it. */
type Line = {
  readonly channel: grpc.Client;
  readonly authorization: string;
  readonly calls: Set<{ cancel(): void }>;
  readonly codecs: (method: DescMethod) => Codecs;
};

/** What it takes to call one method. */
type Codecs = { readonly input: Codec<DescMessage>; readonly output: Codec<DescMessage> };

/** The terms of one call. */
type Terms = {
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly metadata: grpc.Metadata;
};

/**
 * Opens a channel to `host:port`; it connects when first used and again whenever it broke.
 * `authorization` is sent with each call unless the call's own headers hold one. Calls to an
 * address nobody serves fail with UNAVAILABLE at once.
 */
export function createGrpcTransport(options: {
  readonly address: string;
  readonly authorization: string;
}): GrpcTransport {
  const { address, authorization } = options;
  const channel = new grpc.Client(address, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
  const line: Line = { channel, authorization, calls: new Set(), codecs: rememberedCodecs() };
  return {
    unary: async (method, signal, timeoutMs = UNARY_TIMEOUT_MS, header, input) => {
      const terms = termsOf(line, method, { signal, timeoutMs, header });
      const message = await callOnce(line, method, terms, input);
      return unaryResponse(method, message as MessageShape<typeof method.output>);
    },
    stream: async (method, signal, timeoutMs, header, input) => {
      const terms = termsOf(line, method, { signal, timeoutMs, header });
      const messages = openStream(line, method, terms, input);
      return streamResponse(method, messages as AsyncIterable<MessageShape<typeof method.output>>);
    },
    close: () => {
      for (const call of line.calls) call.cancel();
      channel.close();
    },
  };
}

function callOnce(
  line: Line,
  method: DescMethod,
  terms: Terms,
  input: MessageInit,
): Promise<Message> {
  const { signal } = terms;
  const { input: request, output } = line.codecs(method);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const cancel = () => call.cancel();
    const call = line.channel.makeUnaryRequest(
      terms.path,
      request.encode,
      output.decode,
      input,
      terms.metadata,
      deadlineOf(terms),
      (error, message) => {
        signal?.removeEventListener('abort', cancel);
        line.calls.delete(call);
        if (error !== null) reject(callError(error, terms));
        else resolve(message as Message);
      },
    );
    line.calls.add(call);
    signal?.addEventListener('abort', cancel);
  });
}

function openStream(
  line: Line,
  method: DescMethod,
  terms: Terms,
  input: AsyncIterable<MessageInit>,
): AsyncIterable<Message> {
  const { signal } = terms;
  if (signal?.aborted) throw abortError(signal);
  const { input: request, output } = line.codecs(method);
  const call = line.channel.makeBidiStreamRequest(
    terms.path,
    request.encode,
    output.decode,
    terms.metadata,
    deadlineOf(terms),
  );
  const ended = new AbortController();
  const answers = readStream<Message>(call, { toError: (error) => callError(error, terms) });
  const cancel = () => {
    call.cancel();
    if (signal !== undefined) answers.abort(abortError(signal));
  };
  line.calls.add(call);
  signal?.addEventListener('abort', cancel);
  call.on('status', () => {
    line.calls.delete(call);
    signal?.removeEventListener('abort', cancel);
    ended.abort();
  });
  writeAll(call, input, ended.signal).then(
    () => call.end(),
    (error: unknown) => {
      // What the caller was still to send has failed: the call ends, and the caller learns why.
      answers.abort(error);
      call.cancel();
    },
  );
  return answers;
}

function rememberedCodecs(): Line['codecs'] {
  const known = new Map<DescMethod, Codecs>();
  return (method) => {
    let codecs = known.get(method);
    if (codecs === undefined) {
      codecs = { input: codecOf(method.input), output: codecOf(method.output) };
      known.set(method, codecs);
    }
    return codecs;
  };
}

function termsOf(
  line: Line,
  method: DescMethod,
  options: {
    readonly signal: AbortSignal | undefined;
    readonly timeoutMs: number | undefined;
    readonly header: HeaderInit | undefined;
  },
): Terms {
  const { signal, timeoutMs, header } = options;
  const metadata = new grpc.Metadata();
  metadata.set('authorization', line.authorization);
  if (header !== undefined) {
    for (const [name, value] of new Headers(header)) metadata.set(name, value);
  }
  return { path: pathOf(method), signal, timeoutMs, metadata };
}

function deadlineOf({ timeoutMs }: Terms): grpc.CallOptions {
  return timeoutMs === undefined ? {} : { deadline: systemClock.nowMs() + timeoutMs };
}

/**
 * Why a call failed: because its caller gave up, because its time was over, or as the peer says.
 */
function callError(error: unknown, terms: Terms): ConnectError {
  if (terms.signal?.aborted) return abortError(terms.signal);
  const status = error as grpc.ServiceError;
  if (status.code === grpc.status.DEADLINE_EXCEEDED && terms.timeoutMs !== undefined) {
    return deadlineError(terms.path, terms.timeoutMs);
  }
  return fromStatus(status);
}
