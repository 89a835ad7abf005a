// The small adapter between protobuf-es and grpc-js: a method's path, and its messages as bytes.
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { logVerbosity, type MethodDefinition, setLogVerbosity } from '@grpc/grpc-js';
import { type MessageInit, pathOf, streamsRequests, streamsResponses } from './service.ts';

// What grpc-js would print reaches whoever calls as an error; plain lines have no place between
// lines of JSON.
setLogVerbosity(logVerbosity.NONE);

/** How one type of message becomes bytes and is read again. */
export type Codec<D extends DescMessage> = {
  readonly encode: (message: MessageInitShape<D>) => Buffer;
  readonly decode: (bytes: Buffer) => MessageShape<D>;
};

/** The codec of a message type. */
export function codecOf<D extends DescMessage>(desc: D): Codec<D> {
  return {
    encode: (init) => {
      const bytes = toBinary(desc, create(desc, init));
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    decode: (bytes) => fromBinary(desc, bytes),
  };
}

/** A method as grpc-js registers it. */
export function definitionOf(method: DescMethod): MethodDefinition<MessageInit, MessageInit> {
  const request = codecOf(method.input);
  const response = codecOf(method.output);
  return {
    path: pathOf(method),
    requestStream: streamsRequests(method),
    responseStream: streamsResponses(method),
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode,
    responseDeserialize: response.decode,
  };
}
