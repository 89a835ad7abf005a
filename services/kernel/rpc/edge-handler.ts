// From a Connect call to a plain handler and back: admission, contract, answer or error.
import type { DescMethod, Message, MessageShape } from '@bufbuild/protobuf';
import {
  type ConnectRouter,
  createContextKey,
  type HandlerContext,
  type MethodImpl,
} from '@connectrpc/connect';
import { fail } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { refusalOf } from './door.ts';
import type { OpenCalls } from './open-calls.ts';
import {
  type CallContext,
  type MessageInit,
  pathOf,
  type RpcMethod,
  type RpcService,
  streamsRequests,
} from './service.ts';
import { abortError, answerable } from './wire-error.ts';

/** What admission found out about a caller. */
export type Admitted<P> = Omit<CallContext<P>, 'signal'>;

/** What the calls of one service share. */
export type EdgeDoor<P> = {
  readonly openCalls: OpenCalls;
  readonly log: Log;
  /** Says who calls, or throws to refuse; runs before the body is read. */
  readonly admit: (method: DescMethod, header: Headers) => Promise<Admitted<P>> | Admitted<P>;
};

/** Registers all methods of a service. */
export function addToRouter<P>(
  router: ConnectRouter,
  service: RpcService<P>,
  door: EdgeDoor<P>,
): void {
  const key = createContextKey<Admitted<P> | undefined>(undefined);
  const requestGate = async (context: HandlerContext) => {
    try {
      context.values.set(key, await door.admit(context.method, context.requestHeader));
    } catch (error) {
      throw answerable(error, pathOf(context.method), door.log);
    }
  };
  for (const method of service.methods) {
    const admittedOf = (context: HandlerContext) => {
      const admitted = context.values.get(key);
      if (admitted !== undefined) return admitted;
      throw fail('unauthenticated', 'nobody let this call in');
    };
    router.rpc(method.desc, implementationOf(method, door, admittedOf), { requestGate });
  }
}

/**
 * The function Connect calls for one method; its type follows from the method's kind, which only
 * `method` knows.
 */
function implementationOf<P>(
  method: RpcMethod<P>,
  door: EdgeDoor<P>,
  admittedOf: (context: HandlerContext) => Admitted<P>,
): MethodImpl<DescMethod> {
  const path = pathOf(method.desc);
  type Input = Message | AsyncIterable<Message>;

  async function* answers(input: Input, context: HandlerContext): AsyncGenerator<MessageInit> {
    const call = openCall(context, door.openCalls, method.kind);
    try {
      const checked = inputOf(method, input);
      const own = { ...admittedOf(context), signal: call.signal };
      if (method.kind === 'answer') yield await method.run(checked, own);
      else yield* method.run(checked, own);
      // A stream that ends because this server stops has not come to its end: the caller must know.
      if (method.kind === 'answers' && call.signal.aborted) throw abortError(call.signal);
    } catch (error) {
      throw answerable(error, path, door.log);
    } finally {
      call.close();
    }
  }
  async function answer(input: Input, context: HandlerContext): Promise<MessageInit> {
    for await (const only of answers(input, context)) return only;
    throw fail('internal', `${path} has no answer`);
  }
  const implementation = method.kind === 'answer' ? answer : answers;
  return implementation as unknown as MethodImpl<DescMethod>;
}

/** A signal that ends with the caller, and with this server. */
function openCall(context: HandlerContext, openCalls: OpenCalls, kind: RpcMethod['kind']) {
  const controller = new AbortController();
  const leave = () => controller.abort(fail('cancelled', 'the caller went away'));
  if (context.signal.aborted) leave();
  context.signal.addEventListener('abort', leave);
  const abort = (reason: Error) => controller.abort(reason);
  // The server cuts what is left by cutting its connections.
  const call = { kind: kind === 'answers' ? 'stream' : 'unary', abort, cut: abort } as const;
  openCalls.add(call);
  return {
    signal: controller.signal,
    close: () => {
      context.signal.removeEventListener('abort', leave);
      openCalls.delete(call);
    },
  };
}

function inputOf<P>(method: RpcMethod<P>, input: Message | AsyncIterable<Message>) {
  const { input: desc } = method.desc;
  if (streamsRequests(method.desc)) return checkedEach(desc, input as AsyncIterable<Message>);
  const refusal = refusalOf(desc, input as Message);
  if (refusal !== undefined) throw refusal;
  return input;
}

async function* checkedEach(
  desc: DescMethod['input'],
  messages: AsyncIterable<MessageShape<typeof desc>>,
) {
  for await (const message of messages) {
    const refusal = refusalOf(desc, message);
    if (refusal !== undefined) throw refusal;
    yield message;
  }
}
