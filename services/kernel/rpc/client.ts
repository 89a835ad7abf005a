// Clients: typed functions for each RPC of a service, wherever that service runs.
import type {
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  DescService,
  Message,
} from '@bufbuild/protobuf';
import type { CallOptions, Client, Transport } from '@connectrpc/connect';
import { mintServiceToken } from '../auth/service-token.ts';
import { fail } from '../errors/errors.ts';
import { createGrpcTransport, type GrpcTransport } from './grpc-transport.ts';
import type { LocalMesh } from './local.ts';
import type { MessageInit } from './service.ts';

export type { CallOptions, Client };

/** Addresses that begin so name a service of this very process. */
export const LOCAL_PREFIX = 'local:';

/**
 * A client of a service at an address: `host:port` for another process, `local:NAME` for what is
 * mounted under NAME in this one. Costs nothing before the first call; clients of one address share
 * one connection. Unary calls have a deadline of 10 s unless `timeoutMs` says otherwise; streams
 * end with their `signal`, or when the reader leaves its loop.
 */
export type Dial = <S extends DescService>(service: S, address: string) => Client<S>;

/** A dial whose connections end together. */
export type ClosableDial = Dial & {
  /** Closes all connections; calls under way are cancelled. May be called twice. */
  close(): Promise<void>;
};

/** The dial of one service, which proves with each call that it is `caller`. */
export function createDial(options: {
  readonly caller: string;
  readonly clusterKey: string;
  readonly local?: LocalMesh;
}): ClosableDial {
  const { caller, clusterKey, local } = options;
  const bearer = mintServiceToken(clusterKey, caller);
  const remotes = new Map<string, GrpcTransport>();

  const transportTo = (address: string): Transport => {
    if (address.startsWith(LOCAL_PREFIX)) {
      if (local === undefined) throw new Error(`${address}: this process has no local mesh`);
      return local.transportTo(address.slice(LOCAL_PREFIX.length), { bearer, clusterKey });
    }
    let remote = remotes.get(address);
    if (remote === undefined) {
      remote = createGrpcTransport({ address, authorization: `Bearer ${bearer}` });
      remotes.set(address, remote);
    }
    return remote;
  };
  const dial: Dial = (service, address) => createClient(service, transportTo(address));
  return Object.assign(dial, {
    close: async () => {
      for (const remote of remotes.values()) remote.close();
      remotes.clear();
    },
  });
}

/**
 * The functions of a service over a transport. Unlike Connect's own client, leaving the loop over
 * an answer stream ends the call; Connect's goes on until its signal aborts.
 */
export function createClient<S extends DescService>(service: S, transport: Transport): Client<S> {
  const functions = service.methods.map((method) => [
    method.localName,
    functionOf(transport, method),
  ]);
  return Object.fromEntries(functions) as Client<S>;
}

function functionOf(transport: Transport, method: DescMethod) {
  if (isUnary(method)) {
    return async (request: MessageInit, options: CallOptions = {}) => {
      const { signal, timeoutMs, headers } = options;
      return (await transport.unary(method, signal, timeoutMs, headers, request)).message;
    };
  }
  if (!isStreaming(method)) throw new TypeError('a method either streams or does not');
  switch (method.methodKind) {
    case 'server_streaming':
      return (request: MessageInit, options?: CallOptions) =>
        openStream(transport, method, only(request), options);
    case 'bidi_streaming':
      return (requests: AsyncIterable<MessageInit>, options?: CallOptions) =>
        openStream(transport, method, requests, options);
    case 'client_streaming':
      return async (requests: AsyncIterable<MessageInit>, options?: CallOptions) => {
        for await (const answer of openStream(transport, method, requests, options)) return answer;
        throw fail('internal', `${method.name} ended without an answer`);
      };
  }
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === 'unary';
}

function isStreaming(method: DescMethod): method is DescMethodStreaming {
  return method.methodKind !== 'unary';
}

/** Opens the call at once; leaving the answers aborts it. */
function openStream(
  transport: Transport,
  method: DescMethodStreaming,
  requests: AsyncIterable<MessageInit>,
  options: CallOptions = {},
): AsyncIterableIterator<Message> {
  const call = new AbortController();
  const { signal, timeoutMs, headers } = options;
  const giveUp = () => call.abort(signal?.reason);
  const close = () => signal?.removeEventListener('abort', giveUp);
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp);
  const opened = transport
    .stream(method, call.signal, timeoutMs, headers, requests)
    .then(({ message }) => message[Symbol.asyncIterator]());
  // Whoever reads the answers learns of a failure; nobody may be reading yet.
  opened.catch(() => undefined);

  return {
    next: async () => {
      try {
        const result = await (await opened).next();
        if (result.done) close();
        return result;
      } catch (error) {
        close();
        throw error;
      }
    },
    return: async () => {
      close();
      call.abort();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* only<T>(message: T): AsyncGenerator<T> {
  yield message;
}
