// Reading a log: from an offset to its end, and on while it grows, until it is complete.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { LogName } from './log-path.ts';
import { checkInside } from './log-path.ts';
import type { LogStore } from './log-store.ts';

/** Largest block of one message, in bytes. */
const BLOCK_SIZE = 256 * 1024;

/**
 * How often a followed log is looked at without news: another executor may write it on shared
 * storage.
 */
const POLL_MS = 1_000;

/** What to read. */
export type ReadOptions = {
  /** Where to begin, in bytes. */
  readonly offset: number;
  /** Go on as it grows, until `isComplete` or the signal aborts. */
  readonly follow: boolean;
  /** True once nothing more will be appended. */
  readonly isComplete: () => Promise<boolean>;
  readonly signal: AbortSignal;
};

/**
 * The log's bytes in blocks, each read when the one before was taken. A log that does not exist is
 * empty.
 */
export async function* readLog(
  store: LogStore,
  name: LogName,
  options: ReadOptions,
): AsyncGenerator<{ offset: number; content: Uint8Array }> {
  const path = store.pathOf(name);
  const watch = options.follow ? store.watch(name) : undefined;
  let file: FileHandle | undefined;
  let offset = options.offset;
  try {
    while (!options.signal.aborted) {
      // Asked before the last look at the file, so that nothing written until then is missed.
      const isLast = watch === undefined || (await options.isComplete());
      file ??= await openIfThere(store.folder, path);
      for (;;) {
        const content = file === undefined ? undefined : await readBlock(file, offset);
        if (content === undefined || options.signal.aborted) break;
        yield { offset, content };
        offset += content.length;
      }
      if (isLast) return;
      await watch.news(POLL_MS, options.signal);
    }
  } finally {
    watch?.stop();
    await file?.close();
  }
}

async function readBlock(file: FileHandle, offset: number): Promise<Uint8Array | undefined> {
  const { buffer, bytesRead } = await file.read(
    Buffer.allocUnsafe(BLOCK_SIZE),
    0,
    BLOCK_SIZE,
    offset,
  );
  return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
}

async function openIfThere(folder: string, path: string): Promise<FileHandle | undefined> {
  try {
    await checkInside(folder, path);
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
