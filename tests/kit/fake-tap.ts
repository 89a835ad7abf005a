// How a service of the mesh is faked: some of its RPCs, each noted and broken when a test wants it.
import type { DescService } from '@bufbuild/protobuf';
import { type ErrorName, fail } from '#kernel/errors/errors.ts';
import { type Handlers, type RpcService, rpcService } from '#kernel/rpc/service.ts';

/** What reached the mesh. */
export type Asked = { readonly rpc: string; readonly request: unknown };

/** Notes each request, and breaks those a test wants broken. */
export type Tap = {
  readonly asked: Asked[];
  /** By RPC name; what it answers is thrown once for each time. */
  readonly faults: Map<string, Error[]>;
};

/** Serves some RPCs of a service; the others refuse. Every request goes through the tap. */
export function served<S extends DescService>(
  tap: Tap,
  service: S,
  some: Partial<Handlers<S>>,
): RpcService {
  const byName: Readonly<Record<string, unknown>> = some;
  const tapped = service.methods.map(({ name, localName }) => [
    localName,
    (request: unknown, context: unknown) => {
      tap.asked.push({ rpc: name, request });
      const fault = tap.faults.get(name)?.shift();
      if (fault !== undefined) throw fault;
      const handler = byName[localName];
      if (typeof handler === 'function') return handler(request, context);
      throw fail('method_not_found', `the fake mesh has no ${name}`);
    },
  ]);
  return rpcService(service, Object.fromEntries(tapped) as Handlers<S>, { callers: ['api'] });
}

/** One page of rows; a token is the number of rows before it. */
export function page<T>(
  rows: Iterable<T>,
  query: { readonly pageSize: number; readonly pageToken: string } | undefined,
) {
  const from = Number(query?.pageToken || 0);
  const size = query?.pageSize || 50;
  const all = [...rows];
  const nextPageToken = from + size < all.length ? String(from + size) : '';
  return { rows: all.slice(from, from + size), nextPageToken };
}

/** Throws an error of the table. */
export function refuse(name: ErrorName, message: string): never {
  throw fail(name, message);
}
