// DagProcessorService.ListFiles: the files that are watched.
import type { DagProcessorService } from '#gen/dagmesh/dagprocessor/v1/dag_processor_service_pb.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { FileRecord } from '../core/file/file-record.ts';
import { dagFileMessage } from './dag-file.ts';

type ListFiles = Handlers<typeof DagProcessorService>['listFiles'];

/** Lists by path. */
export function listFiles(records: ReadonlyMap<string, FileRecord>): ListFiles {
  return async () => {
    const sorted = [...records.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    return { files: sorted.map(dagFileMessage) };
  };
}
