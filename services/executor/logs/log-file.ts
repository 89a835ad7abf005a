// One log file that is being written: bytes are kept only where the log ends, and counted only once
// they are written.
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from '#kernel/errors/errors.ts';
import { LOG_CHUNK_MAX } from '../core/limits.ts';
import { planChunk } from '../core/log-window.ts';
import { checkInside } from './log-path.ts';

/**
 * An open log. `size` counts the worker's bytes; the line that says the log was cut lies behind
 * them.
 */
export type LogFile = { readonly file: FileHandle; size: number; isFull: boolean };

/** A piece of a log. */
export type Chunk = { readonly offset: number; readonly content: Uint8Array };

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const FULL_MARK = '"reason":"log_too_large"}\n';
const FULL_LINE_LENGTH_MAX = 400;
const NO_SPACE_CODES = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Opens or creates a log below `folder`, which must exist. */
export async function openLogFile(folder: string, path: string, sizeMax: number): Promise<LogFile> {
  const file = await openOrCreate(folder, path);
  const { size } = await file.stat();
  const log: LogFile = { file, size, isFull: false };
  // A log that was cut ends at most one line, and so less than one chunk, before its limit.
  if (size >= sizeMax - LOG_CHUNK_MAX) await findFullLine(log);
  return log;
}

/**
 * Appends what is new in a chunk and answers the size stored; a chunk that begins beyond the end
 * changes nothing. Throws `log_too_large` at the limit, after a line that says so was stored, and
 * `limit_reached` when the disk is full.
 */
export async function appendChunk(
  log: LogFile,
  chunk: Chunk,
  options: { readonly sizeMax: number; readonly nowMs: number },
): Promise<number> {
  const plan = planChunk({
    storedSize: log.size,
    offset: chunk.offset,
    length: chunk.content.length,
    sizeMax: options.sizeMax,
  });
  if (plan.kind === 'gap' || plan.kind === 'stored') return log.size;
  if (plan.kind === 'append' && !log.isFull) {
    await write(log, chunk.content.subarray(plan.skip, plan.skip + plan.length));
    return log.size;
  }
  if (!log.isFull)
    await fill(log, chunk.content.subarray(plan.skip, plan.skip + plan.length), options);
  throw fail('log_too_large', `the log reached ${options.sizeMax} bytes; what follows is dropped`, {
    details: { stored_size: String(log.size) },
  });
}

/** Looks at the file again: another executor may have written to it on shared storage. */
export async function refreshSize(log: LogFile): Promise<void> {
  if (!log.isFull) log.size = (await log.file.stat()).size;
}

/** Stores the whole lines that still fit, and one line that says the rest is missing. */
async function fill(
  log: LogFile,
  content: Uint8Array,
  options: { readonly sizeMax: number; readonly nowMs: number },
): Promise<void> {
  await write(log, content.subarray(0, content.lastIndexOf(0x0a) + 1));
  const line = JSON.stringify({
    time: new Date(options.nowMs).toISOString(),
    level: 'warning',
    stream: 'dagmesh',
    message: `the log is cut here: it reached its limit of ${options.sizeMax} bytes`,
    reason: 'log_too_large',
  });
  await writeAt(log, Buffer.from(`${line}\n`));
  log.isFull = true;
}

async function write(log: LogFile, content: Uint8Array): Promise<void> {
  await writeAt(log, content);
  log.size += content.length;
}

/** Writes all bytes behind the log's end, or none. */
async function writeAt(log: LogFile, content: Uint8Array): Promise<void> {
  try {
    for (let done = 0; done < content.length; ) {
      const { bytesWritten } = await log.file.write(
        content,
        done,
        content.length - done,
        log.size + done,
      );
      done += bytesWritten;
    }
  } catch (error) {
    // What was written half is not acknowledged; the sender will send it again from the old end.
    await log.file.truncate(log.size).catch(() => undefined);
    if (!NO_SPACE_CODES.includes(codeOf(error))) throw error;
    throw fail('limit_reached', 'the disk of the log folder is full; free space there', {
      cause: error,
    });
  }
}

async function openOrCreate(folder: string, path: string): Promise<FileHandle> {
  try {
    await checkInside(folder, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    await checkInside(folder, path);
  }
  return open(path, FLAGS, 0o640);
}

async function findFullLine(log: LogFile): Promise<void> {
  const length = Math.min(FULL_LINE_LENGTH_MAX, log.size);
  const { buffer } = await log.file.read(Buffer.alloc(length), 0, length, log.size - length);
  if (!buffer.includes(FULL_MARK, length - FULL_MARK.length)) return;
  const lineStart = buffer.lastIndexOf('\n', length - 2) + 1;
  log.size -= length - lineStart;
  log.isFull = true;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
