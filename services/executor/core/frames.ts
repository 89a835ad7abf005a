// Cutting lists into messages that keep their size limit.
import { toBinary } from '@bufbuild/protobuf';
import { type Lease, LeaseSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';

/** What a lease takes in a message beside its two large texts, roughly, in bytes. */
const LEASE_OVERHEAD = 1_024;

/** Size of a lease in a message, in bytes; never less than it is by more than its connections. */
export function leaseSize(lease: Lease): number {
  const { resume, builtIn, triggeringAssetEvents, inlets, outlets, inputTransforms } = lease;
  const rare = [triggeringAssetEvents, inlets, outlets, inputTransforms];
  const isPlain = (resume ?? builtIn) === undefined && rare.every(({ length }) => length === 0);
  // Most leases are plain, and measured without writing them out.
  if (!isPlain) return LEASE_OVERHEAD + toBinary(LeaseSchema, lease).length;
  return LEASE_OVERHEAD + Buffer.byteLength(lease.inputsJson) + Buffer.byteLength(lease.paramsJson);
}

/**
 * Takes items off the front of a list until they fill `sizeMax` or number `countMax`; at least one
 * if there is one.
 */
export function takeFrame<T>(
  items: T[],
  options: {
    readonly sizeOf: (item: T) => number;
    readonly sizeMax: number;
    readonly countMax: number;
  },
): T[] {
  let size = 0;
  let count = 0;
  for (const item of items) {
    size += options.sizeOf(item);
    if (count > 0 && (size > options.sizeMax || count >= options.countMax)) break;
    count += 1;
  }
  return items.splice(0, count);
}
