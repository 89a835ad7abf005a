// The door to gRPC: grpc-js carrying protobuf-es messages between this worker and one executor.
import {
  create,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
import { instantIn } from '../clock.ts';
import { wireError } from './wire-error.ts';

const MESSAGE_BYTES_MAX = 32 * 1024 * 1024;

/** A bidirectional stream; written messages are plain initialisers of the request message. */
export type Stream<M extends DescMethod> = ClientDuplexStream<
  MessageInitShape<M['input']>,
  MessageShape<M['output']>
>;

/** A connection to one executor. */
export class Wire {
  readonly address: string;
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(address: string, token: string) {
    this.address = address;
    this.#metadata.set('authorization', `Bearer ${token}`);
    // A pool of its own: a new wire must be a new TCP connection, since the old one may hang
    // half-open.
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2_000,
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    });
  }

  /** Opens a stream; its `error` events carry what grpc-js says, `wireError` puts it in words. */
  open<M extends DescMethod>(method: M): Stream<M> {
    return this.#client.makeBidiStreamRequest(
      pathOf(method),
      encoder(method),
      decoder(method),
      this.#metadata,
    );
  }

  /** A unary call. Rejects with a WireError. */
  call<M extends DescMethod>(
    method: M,
    request: MessageInitShape<M['input']>,
    options: { readonly timeoutMs: number },
  ): Promise<MessageShape<M['output']>> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        pathOf(method),
        encoder(method),
        decoder(method),
        request,
        this.#metadata,
        { deadline: instantIn(options.timeoutMs) },
        (error, response) => {
          if (error !== null) reject(wireError(error));
          else if (response !== undefined) resolve(response);
        },
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function encoder<M extends DescMethod>(method: M) {
  return (message: MessageInitShape<M['input']>): Buffer => {
    const { buffer, byteOffset, byteLength } = toBinary(
      method.input,
      create(method.input, message),
    );
    return Buffer.from(buffer, byteOffset, byteLength);
  };
}

function decoder<M extends DescMethod>(method: M) {
  return (bytes: Buffer): MessageShape<M['output']> =>
    fromBinary(method.output, bytes) as MessageShape<M['output']>;
}
