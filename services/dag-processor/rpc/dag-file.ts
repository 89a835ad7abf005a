// A record of a DAG file in the contract's form.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DagFileSchema } from '#gen/dagmesh/dagprocessor/v1/dag_processor_service_pb.ts';
import { toDuration, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { FileRecord } from '../core/file/file-record.ts';

/** The message; a file that was not read since we started has no time. */
export function dagFileMessage(record: FileRecord): MessageInitShape<typeof DagFileSchema> {
  const message = {
    path: record.path,
    digest: record.digest,
    dagIds: [...record.dagIds],
    error: record.error,
  };
  if (record.readAtMs === undefined) return message;
  return {
    ...message,
    parsedAt: toTimestamp(record.readAtMs),
    duration: toDuration(record.durationMs),
  };
}
