// Errors on their way: a gRPC status with google.rpc details outside, a ConnectError inside.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema, anyPack } from '@bufbuild/protobuf/wkt';
import * as grpc from '@grpc/grpc-js';
import { StatusSchema } from '#gen/google/rpc/status_pb.ts';
import { randomToken } from '../clock/random.ts';
import { Code, ConnectError, fail, messageOf } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';

const DETAILS_KEY = 'grpc-status-details-bin';
const TYPE_PREFIX = 'type.googleapis.com/';

/** The gRPC status that carries this error with all its details. */
export function toStatus(error: ConnectError): grpc.StatusObject {
  const metadata = new grpc.Metadata();
  if (error.details.length > 0) {
    const status = create(StatusSchema, {
      code: error.code,
      message: error.rawMessage,
      details: error.details.map((detail) =>
        'desc' in detail
          ? anyPack(detail.desc, create(detail.desc, detail.value))
          : create(AnySchema, { typeUrl: TYPE_PREFIX + detail.type, value: detail.value }),
      ),
    });
    metadata.set(DETAILS_KEY, Buffer.from(toBinary(StatusSchema, status)));
  }
  const code: number = error.code;
  return { code, details: error.rawMessage, metadata };
}

/** The error that a gRPC status carries. Details that cannot be read are left out. */
export function fromStatus(status: grpc.StatusObject | grpc.ServiceError): ConnectError {
  // OK is no error, and numbers outside the table come from broken peers.
  const code: number = status.code in Code ? status.code : Code.Internal;
  const error = new ConnectError(status.details, code);
  const [bytes] = status.metadata?.get(DETAILS_KEY) ?? [];
  if (!Buffer.isBuffer(bytes)) return error;
  try {
    error.details = fromBinary(StatusSchema, bytes).details.map((any) => ({
      type: any.typeUrl.slice(any.typeUrl.lastIndexOf('/') + 1),
      value: any.value,
    }));
  } catch {
    // The code and the sentence are still worth passing on.
  }
  return error;
}

/**
 * What a call ends with when its signal aborted: the signal's reason if that is one of ours, else
 * `cancelled`.
 */
export function abortError(signal: AbortSignal): ConnectError {
  const reason: unknown = signal.reason;
  if (reason instanceof ConnectError) return reason;
  return fail('cancelled', 'the call was cancelled', { cause: reason });
}

/** The error of a call whose deadline has passed. */
export function deadlineError(method: string, timeoutMs: number): ConnectError {
  return fail('deadline_exceeded', `${method} gave no answer within ${timeoutMs} ms; retry`);
}

/**
 * What the caller may see of whatever a handler threw. Errors made with `fail` go out as they are;
 * all others are logged once with an id, and only the id goes out: never SQL, never a stack.
 */
export function answerable(error: unknown, method: string, log: Log | undefined): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return fail('cancelled', 'the call was cancelled', { cause: error });
  }
  const errorId = randomToken(9);
  log?.error(
    { err: error, error_id: errorId, rpc: method, reason: messageOf(error) },
    'rpc failed',
  );
  return fail('internal', `something is wrong on our side; the log has it as error ${errorId}`, {
    cause: error,
    details: { error_id: errorId },
  });
}
