// Answers in the form Connect's Transport wants them; inside the mesh they carry no headers.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { StreamResponse, UnaryResponse } from '@connectrpc/connect';

/** What headers can be made of. */
export type HeaderInit = ConstructorParameters<typeof Headers>[0];

const NO_HEADERS = new Headers();

/** The answer of a unary call. */
export function unaryResponse<I extends DescMessage, O extends DescMessage>(
  method: UnaryResponse<I, O>['method'],
  message: MessageShape<O>,
): UnaryResponse<I, O> {
  const service = method.parent;
  return { stream: false, service, method, header: NO_HEADERS, trailer: NO_HEADERS, message };
}

/** The answers of a streaming call. */
export function streamResponse<I extends DescMessage, O extends DescMessage>(
  method: StreamResponse<I, O>['method'],
  message: AsyncIterable<MessageShape<O>>,
): StreamResponse<I, O> {
  const service = method.parent;
  return { stream: true, service, method, header: NO_HEADERS, trailer: NO_HEADERS, message };
}
