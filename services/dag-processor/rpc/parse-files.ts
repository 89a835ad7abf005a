// DagProcessorService.ParseFiles: reads files now, and answers when the result is stored.
import type { DagProcessorService } from '#gen/dagmesh/dagprocessor/v1/dag_processor_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { FileRecord } from '../core/file/file-record.ts';
import type { PathQueue } from '../loops/path-queue.ts';
import { dagFileMessage } from './dag-file.ts';

type ParseFiles = Handlers<typeof DagProcessorService>['parseFiles'];

/** What parsing on demand takes. */
export type ParseFilesOptions = {
  readonly records: ReadonlyMap<string, FileRecord>;
  /** Looks through the bundles of these files now, or through all. */
  readonly look: (paths: readonly string[]) => Promise<void>;
  /** Paths of the DAG files that are there. */
  readonly paths: () => readonly string[];
  readonly queue: PathQueue;
};

/**
 * Parses whether or not the files changed. The caller may go away; the files are read all the same.
 */
export function parseFiles({ records, look, paths, queue }: ParseFilesOptions): ParseFiles {
  return async (request, { signal }) => {
    await unlessAborted(look(request.paths), signal);
    const present = new Set(paths());
    const wanted = request.paths.length > 0 ? [...new Set(request.paths)] : [...present];
    const missing = wanted.find((path) => !present.has(path));
    if (missing !== undefined) {
      throw fail('file_not_found', `${missing} is no DAG file that is there; see ListFiles`);
    }
    // Somebody waits for the files they name, but not for all there are.
    const isUrgent = request.paths.length > 0;
    const readings = wanted.map((path) => queue.add(path, { isForced: true, isUrgent }));
    await unlessAborted(Promise.all(readings), signal);
    const files = wanted.map((path) => records.get(path)).filter((record) => record !== undefined);
    return { files: files.map(dagFileMessage) };
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
