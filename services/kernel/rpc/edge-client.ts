// Clients of the public door: Connect over plain HTTP, as the command line and tests use it.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { DescService } from '@bufbuild/protobuf';
import type { Client } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { createClient } from './client.ts';

/** How the door is reached. */
export type EdgeClientOptions = {
  /** `http://host:port` or `https://…`, without a path. */
  readonly url: string;
  /** The user's API token, sent as `authorization: Bearer …`; undefined when there is none yet. */
  readonly token?: string | undefined;
  /** Deadline of calls that name none; streams have none unless named. Default 10 s. */
  readonly timeoutMs?: number;
  /** Ends every call, streams too. */
  readonly signal?: AbortSignal;
};

/** One connection to the door, for clients of all its services. */
export type EdgeClient = {
  /** The typed functions of one service. */
  client<S extends DescService>(service: S): Client<S>;
  /** Closes idle connections. */
  close(): void;
};

/** Opens the door; nothing is sent before the first call. */
export function openEdge(options: EdgeClientOptions): EdgeClient {
  const isSecure = options.url.startsWith('https:');
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createConnectTransport({
    baseUrl: options.url,
    httpVersion: '1.1',
    nodeOptions: { agent },
    interceptors: [
      (next) => (request) => {
        if (options.token !== undefined && !request.header.has('authorization')) {
          request.header.set('authorization', `Bearer ${options.token}`);
        }
        return next(request);
      },
    ],
  });
  return {
    client: (service) =>
      createClient(service, {
        ...transport,
        unary: (method, signal, ms = timeoutMs, ...rest) =>
          transport.unary(method, either(signal, options.signal), ms, ...rest),
        stream: (method, signal, ...rest) =>
          transport.stream(method, either(signal, options.signal), ...rest),
      }),
    close: () => agent.destroy(),
  };
}

/** A client of one service of the door. */
export function createEdgeClient<S extends DescService>(
  service: S,
  options: EdgeClientOptions,
): Client<S> {
  return openEdge(options).client(service);
}

function either(
  one: AbortSignal | undefined,
  other: AbortSignal | undefined,
): AbortSignal | undefined {
  return one !== undefined && other !== undefined ? AbortSignal.any([one, other]) : (one ?? other);
}
