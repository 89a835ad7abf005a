// What went wrong on the wire: the gRPC status and the mesh's own reason, for code and for people.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type ServiceError, status } from '@grpc/grpc-js';

/** A call or stream that failed. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** The status in lower case, e.g. `unavailable`. */
  readonly code: string;
  /** The mesh's name for it, e.g. `stale_attempt`; undefined where the answer names none. */
  readonly reason: string | undefined;

  constructor(code: string, reason: string | undefined, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  /** True when nobody answered, so that the same call may succeed later. */
  get isRetryable(): boolean {
    return this.code === 'unavailable' || this.code === 'deadline_exceeded';
  }
}

/** The error behind what grpc-js reports. */
export function wireError(error: Error): WireError {
  const { code: number, metadata, details } = error as Partial<ServiceError>;
  const code = (status[number ?? status.UNKNOWN] ?? 'UNKNOWN').toLowerCase();
  const [detail] = metadata?.get('grpc-status-details-bin') ?? [];
  return new WireError(code, reasonIn(detail), details ?? error.message);
}

/** ErrorInfo.reason in a serialized google.rpc.Status: details (3) → Any.value (2) → reason (1). */
function reasonIn(detail: string | Buffer | undefined): string | undefined {
  if (!(detail instanceof Buffer)) return undefined;
  try {
    for (const any of fieldsOf(detail, 3)) {
      const [typeUrl] = fieldsOf(any, 1);
      if (typeUrl === undefined || !text(typeUrl).endsWith('/google.rpc.ErrorInfo')) continue;
      const [info] = fieldsOf(any, 2);
      const [reason] = info === undefined ? [] : fieldsOf(info, 1);
      if (reason !== undefined) return text(reason);
    }
  } catch {
    // A detail nobody can read is no reason to lose the status it came with.
  }
  return undefined;
}

function fieldsOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
