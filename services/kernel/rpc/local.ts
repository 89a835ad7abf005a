// The mesh inside one process: the same handlers called directly, messages by reference.
import {
  create,
  type DescMessage,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { Transport } from '@connectrpc/connect';
import { systemClock } from '../clock/clock.ts';
import { fail } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { bearerOf, callerOf, checkCaller } from './door.ts';
import { UNARY_TIMEOUT_MS } from './grpc-transport.ts';
import { type HeaderInit, streamResponse, unaryResponse } from './response.ts';
import {
  type CallContext,
  type MessageInit,
  pathOf,
  type RpcInput,
  type RpcMethod,
  type RpcService,
  streamsRequests,
} from './service.ts';
import { abortError, answerable, deadlineError } from './wire-error.ts';

/** Services of one process, by the name they are dialled with (`local:NAME`). */
export type LocalMesh = {
  /** Makes services callable; more may be mounted under the same name. */
  mount(name: string, services: readonly RpcService[]): void;
  /** Makes a name uncallable again, as if its process had ended. */
  unmount(name: string): void;
  /** How a client reaches what is, or will be, mounted under a name. */
  transportTo(name: string, identity: LocalIdentity): Transport;
};

/**
 * Who calls: checked just as at a network door, so that a call refused in the mesh is refused here
 * as well.
 */
export type LocalIdentity = { readonly bearer: string; readonly clusterKey: string };

type Mounted = { readonly service: RpcService; readonly method: RpcMethod };

/**
 * An empty mesh. Requests are not checked against the contract's rules here: those guard the
 * network's doors. `log` gets what handlers throw by mistake.
 */
export function createLocalMesh(options: { readonly log?: Log } = {}): LocalMesh {
  const names = new Map<string, Map<string, Mounted>>();

  const open = (
    name: string,
    identity: LocalIdentity,
    request: CallRequest,
  ): { readonly method: RpcMethod; readonly call: Call; readonly context: CallContext } => {
    const paths = names.get(name);
    if (paths === undefined) throw fail('unreachable', `local:${name} is not mounted; retry later`);
    const mounted = paths.get(request.path);
    if (mounted === undefined) {
      throw fail('method_not_found', `local:${name} has no ${request.path}`);
    }
    const who = admit(mounted.service, identity, request.header);
    const call = openCall(request, options.log);
    const context = { ...who, signal: call.signal, principal: undefined };
    return { method: mounted.method, call, context };
  };

  return {
    mount: (name, services) => {
      const paths = names.get(name) ?? new Map<string, Mounted>();
      for (const service of services) {
        for (const method of service.methods) paths.set(pathOf(method.desc), { service, method });
      }
      names.set(name, paths);
    },
    unmount: (name) => void names.delete(name),
    transportTo: (name, identity) => ({
      unary: async (desc, signal, timeoutMs = UNARY_TIMEOUT_MS, header, input) => {
        const request = { path: pathOf(desc), signal, timeoutMs, header };
        const { method, call, context } = open(name, identity, request);
        try {
          call.signal.throwIfAborted();
          const answer = runOnce(method, create(desc.input, input), context);
          const init = await Promise.race([answer, call.aborted]);
          const message = create(desc.output, init as MessageInitShape<typeof desc.output>);
          return unaryResponse(desc, message);
        } catch (error) {
          throw call.answerable(error);
        } finally {
          call.close();
        }
      },
      stream: async (desc, signal, timeoutMs, header, input) => {
        const request = { path: pathOf(desc), signal, timeoutMs, header };
        const { method, call, context } = open(name, identity, request);
        const answers = runStream(method, created(desc.input, input, call), context);
        return streamResponse(desc, guarded(desc.output, answers, call));
      },
    }),
  };
}

type CallRequest = {
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly header: HeaderInit | undefined;
};

/** The life of one call: ends with the caller's signal or its deadline, whichever is first. */
type Call = {
  readonly signal: AbortSignal;
  /** Rejects when the call ends before its answer. */
  readonly aborted: Promise<never>;
  /** Ends it before its answer. */
  readonly end: (reason: unknown) => void;
  /** Frees the timer and the listener; the signal stays as it is. */
  readonly close: () => void;
  /** What the caller may see of an error. */
  readonly answerable: (error: unknown) => Error;
};

function openCall({ path, signal, timeoutMs }: CallRequest, log: Log | undefined): Call {
  const controller = new AbortController();
  const aborted = Promise.withResolvers<never>();
  // Only unary calls wait for it.
  aborted.promise.catch(() => undefined);
  const end = (reason: unknown) => {
    controller.abort(reason);
    aborted.reject(reason);
  };
  const giveUp = () => {
    if (signal !== undefined) end(abortError(signal));
  };
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp);
  const timer =
    timeoutMs === undefined
      ? undefined
      : systemClock.timer(timeoutMs, () => end(deadlineError(path, timeoutMs)));
  return {
    signal: controller.signal,
    aborted: aborted.promise,
    end,
    close: () => {
      timer?.cancel();
      signal?.removeEventListener('abort', giveUp);
    },
    answerable: (error) => answerable(error, path, log),
  };
}

function admit(service: RpcService, identity: LocalIdentity, header: HeaderInit | undefined) {
  const given = header === undefined ? null : new Headers(header).get('authorization');
  const bearer = given === null ? identity.bearer : bearerOf(given);
  const caller = callerOf(identity.clusterKey, bearer);
  checkCaller(service, caller);
  return { caller, bearer };
}

function runOnce(method: RpcMethod, input: RpcInput, context: CallContext): Promise<MessageInit> {
  if (method.kind === 'answer') return method.run(input, context);
  throw new TypeError(`${method.desc.name} answers a stream`);
}

/** Runs the handler of a streaming method; a single answer is a stream of one. */
async function* runStream(
  method: RpcMethod,
  requests: AsyncIterable<Message>,
  context: CallContext,
): AsyncGenerator<MessageInit, undefined> {
  context.signal.throwIfAborted();
  if (method.kind === 'answer') return yield await method.run(requests, context);
  if (streamsRequests(method.desc)) return yield* method.run(requests, context);
  for await (const request of requests) return yield* method.run(request, context);
}

/** The caller's messages. When the caller fails to make one, the call ends with its error. */
async function* created<D extends DescMessage>(
  desc: D,
  inits: AsyncIterable<MessageInitShape<D>>,
  call: Call,
): AsyncGenerator<MessageShape<D>> {
  try {
    for await (const init of inits) yield create(desc, init);
  } catch (error) {
    call.end(error);
    throw error;
  }
}

/**
 * The answers, ended at once when the call ends, even if the handler does not look at its signal.
 */
function guarded<D extends DescMessage>(
  desc: D,
  answers: AsyncGenerator<MessageInit, undefined>,
  call: Call,
): AsyncIterable<MessageShape<D>> {
  let waiting: PromiseWithResolvers<IteratorResult<MessageShape<D>, undefined>> | undefined;
  const close = () => {
    call.signal.removeEventListener('abort', onEnd);
    call.close();
  };
  const onEnd = () => {
    close();
    waiting?.reject(call.signal.reason);
    // A handler that waits for something else leaves when that comes; no caller waits for it.
    answers.return(undefined).catch(() => undefined);
  };
  call.signal.addEventListener('abort', onEnd);

  const next = () => {
    const current = Promise.withResolvers<IteratorResult<MessageShape<D>, undefined>>();
    waiting = current;
    if (call.signal.aborted) current.reject(call.signal.reason);
    else
      answers.next().then(
        (result) => {
          if (result.done) {
            close();
            return current.resolve({ done: true, value: undefined });
          }
          const value = create(desc, result.value as MessageInitShape<D>);
          current.resolve({ done: false, value });
        },
        (error: unknown) => {
          close();
          current.reject(call.answerable(error));
        },
      );
    return current.promise;
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
