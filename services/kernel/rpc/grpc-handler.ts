// From a grpc-js call to a plain handler and back: admission, contract, answer or status.
import type { Message } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import { fail } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { bearerOf, refusalOf, callerOf, checkCaller } from './door.ts';
import { readStream, writeAll } from './grpc-stream.ts';
import type { OpenCall, OpenCalls } from './open-calls.ts';
import {
  type CallContext,
  type MessageInit,
  pathOf,
  type RpcInput,
  type RpcMethod,
  type RpcService,
  streamsRequests,
  streamsResponses,
} from './service.ts';
import { abortError, answerable, toStatus } from './wire-error.ts';

/** What all calls of one door share. */
export type GrpcDoor = {
  readonly clusterKey: string;
  readonly log: Log;
  readonly openCalls: OpenCalls;
  /** False while callers are told to come back later. */
  readonly isOpen: () => boolean;
};

/**
 * grpc-js has a type for each kind of call; this is all of them at once, of which a method's kind
 * uses a part.
 */
type GrpcCall = grpc.ServerUnaryCall<Message, MessageInit> &
  grpc.ServerDuplexStream<Message, MessageInit>;
type Respond = grpc.sendUnaryData<MessageInit>;

/**
 * The function grpc-js calls for one method. It never throws: whatever goes wrong ends the call
 * with a status.
 */
export function grpcHandlerOf(service: RpcService, method: RpcMethod, door: GrpcDoor) {
  const path = pathOf(method.desc);
  const isStream = streamsRequests(method.desc) || streamsResponses(method.desc);
  const kind = isStream ? 'stream' : 'unary';

  return (call: GrpcCall, respond: Respond): void => {
    const controller = new AbortController();
    const { signal } = controller;
    const refuse = (error: unknown) => {
      // Only the first answer counts, so that a call that was cut is not answered again when its
      // handler ends.
      if (!door.openCalls.delete(openCall)) return;
      const status = toStatus(answerable(error, path, door.log));
      if (method.kind === 'answer') respond(status);
      else call.emit('error', status);
    };
    const openCall: OpenCall = {
      kind,
      abort: (reason: Error) => controller.abort(reason),
      cut: refuse,
    };
    door.openCalls.add(openCall);
    let isServed = false;
    // grpc-js says so of every call once its stream has closed, also of one that was answered.
    call.on('cancelled', () => {
      if (!isServed) controller.abort(fail('cancelled', 'the caller went away'));
    });

    const serve = async () => {
      const context = enter(service, door, call, signal);
      const input = inputOf(method, call, signal);
      if (method.kind === 'answer') {
        const answer = await method.run(input, context);
        if (door.openCalls.delete(openCall)) respond(null, answer);
        return;
      }
      await writeAll(call, method.run(input, context));
      // A stream that ends because this server stops has not come to its end: the caller must know.
      if (signal.aborted) throw abortError(signal);
      if (door.openCalls.delete(openCall)) call.end();
    };
    const served = () => {
      isServed = true;
    };
    void serve().catch(refuse).finally(served);
  };
}

function enter(
  service: RpcService,
  door: GrpcDoor,
  call: GrpcCall,
  signal: AbortSignal,
): CallContext {
  const [authorization] = call.metadata.get('authorization');
  const bearer = bearerOf(authorization?.toString());
  const caller = callerOf(door.clusterKey, bearer);
  checkCaller(service, caller);
  if (!door.isOpen()) throw fail('starting', 'this service is still starting; retry in a moment');
  return { signal, caller, bearer, principal: undefined };
}

/** The request, or the stream of them; each is checked before the handler sees it. */
function inputOf(method: RpcMethod, call: GrpcCall, signal: AbortSignal): RpcInput {
  const check = (message: Message) => refusalOf(method.desc.input, message);
  if (!streamsRequests(method.desc)) {
    const refusal = check(call.request);
    if (refusal !== undefined) throw refusal;
    return call.request;
  }
  const requests = readStream<Message>(call, { accept: check, toError: (error) => error });
  signal.addEventListener('abort', () => requests.abort(abortError(signal)));
  return requests;
}
