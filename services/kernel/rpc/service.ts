// What a service is to this mesh: plain functions over protobuf messages, and who may call them.
import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  Message,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';

/**
 * What a handler knows about the call it serves. `P` is what the door's sign-in found out (see
 * `startEdgeServer`).
 */
export type CallContext<P = unknown> = {
  /** Aborts when the caller went away, its deadline passed, or this server ends. */
  readonly signal: AbortSignal;
  /** The service that calls, proven by its token; '' when the caller proved nothing. */
  readonly caller: string;
  /** The text after `authorization: Bearer `, as it came. */
  readonly bearer: string | undefined;
  /** Who the caller signed in as, at doors that sign in. */
  readonly principal: P;
};

/**
 * One RPC: its shape follows from how it streams. Errors made with `fail` reach the caller, all
 * others stay hidden.
 */
export type Handler<M extends DescMethod, P = unknown> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, context: CallContext<P>) => Promise<MessageInitShape<O>>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, context: CallContext<P>) => AsyncIterable<MessageInitShape<O>>
      : M extends DescMethodClientStreaming<infer I, infer O>
        ? (
            requests: AsyncIterable<MessageShape<I>>,
            context: CallContext<P>,
          ) => Promise<MessageInitShape<O>>
        : M extends DescMethodBiDiStreaming<infer I, infer O>
          ? (
              requests: AsyncIterable<MessageShape<I>>,
              context: CallContext<P>,
            ) => AsyncIterable<MessageInitShape<O>>
          : never;

/** All RPCs of a service, by their local names. */
export type Handlers<S extends DescService, P = unknown> = {
  readonly [M in keyof S['method']]: Handler<S['method'][M], P>;
};

/**
 * Service names whose token opens a service; `anyone` leaves it to the handlers to look at `bearer`
 * or `principal`.
 */
export type Callers = readonly string[] | 'anyone';

/** An RPC as doors see it, after its types were checked by `rpcService`. */
export type RpcMethod<P = unknown> =
  | {
      readonly kind: 'answer';
      readonly desc: DescMethod;
      readonly run: (input: RpcInput, context: CallContext<P>) => Promise<MessageInit>;
    }
  | {
      readonly kind: 'answers';
      readonly desc: DescMethod;
      readonly run: (input: RpcInput, context: CallContext<P>) => AsyncIterable<MessageInit>;
    };

/** A message, or the plain object it can be made from; doors make it when they need it. */
export type MessageInit = MessageInitShape<DescMessage>;

/** One request message, or the stream of them, as the method's kind demands. */
export type RpcInput = Message | AsyncIterable<Message>;

/** A service that can be served by any door whose principals are of type `P`. */
export type RpcService<P = unknown> = {
  readonly desc: DescService;
  readonly methods: readonly RpcMethod<P>[];
  readonly callers: Callers;
};

/** Ties handlers to their contract and says who may call them. */
export function rpcService<S extends DescService, P = unknown>(
  service: S,
  handlers: Handlers<S, P>,
  options: { readonly callers: Callers },
): RpcService<P> {
  const byName: Readonly<Record<string, unknown>> = handlers;
  const methods = service.methods.map((desc): RpcMethod<P> => {
    const handler = byName[desc.localName];
    // `Handlers<S, P>` has proven that the function fits the method; by name that proof cannot be
    // written down.
    return streamsResponses(desc)
      ? { kind: 'answers', desc, run: handler as Extract<RpcMethod<P>, { kind: 'answers' }>['run'] }
      : { kind: 'answer', desc, run: handler as Extract<RpcMethod<P>, { kind: 'answer' }>['run'] };
  });
  return { desc: service, methods, callers: options.callers };
}

/** The path of a method in every protocol: `/dagmesh.scheduler.v1.SchedulerService/Explain`. */
export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** True when the caller sends many messages. */
export function streamsRequests(method: DescMethod): boolean {
  return method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming';
}

/** True when the answer is many messages. */
export function streamsResponses(method: DescMethod): boolean {
  return method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming';
}
