// All logs below one folder: who may write where, how many files stay open, and who wants to know
// when a log grows.
import { mkdir } from 'node:fs/promises';
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import { appendChunk, type Chunk, type LogFile, openLogFile, refreshSize } from './log-file.ts';
import { type LogName, logPath } from './log-path.ts';

/** Most log files that stay open for writing. */
const FILES_MAX = 256;

/** Most readers that may wait for logs to grow. */
const WATCHES_MAX = 1_000;

/** Most sizes that are remembered of logs whose file was closed. */
const SIZES_MAX = 20_000;

/** One log in use: its writes run one after another. */
type Shelf = { log: LogFile | undefined; last: Promise<unknown>; waitingCount: number };

/** Tells a reader that a log has grown, or that its attempt has ended. */
export type LogWatch = {
  /** Resolves at the next news, at once if there were some since the last call, or after `ms`. */
  news(ms: number, signal: AbortSignal): Promise<void>;
  stop(): void;
};

/**
 * The logs of this executor. Each log has one writer at a time; readers may be any executor that
 * shares the folder.
 */
export class LogStore {
  readonly #folder: string;
  readonly #sizeMax: number;
  readonly #clock: Clock;
  /** By path, the longest unused first. */
  readonly #shelves = new Map<string, Shelf>();
  /** Bytes stored of logs whose file was closed, by path, the oldest first. */
  readonly #sizes = new Map<string, number>();
  readonly #watchers = new Map<string, Set<() => void>>();
  #watchesCount = 0;
  #isClosed = false;

  /** `sizeMax` is the largest log of one attempt, in bytes. */
  constructor(options: {
    readonly folder: string;
    readonly sizeMax: number;
    readonly clock: Clock;
  }) {
    this.#folder = options.folder;
    this.#sizeMax = options.sizeMax;
    this.#clock = options.clock;
  }

  /** Makes the folder if there is none; rejects when it cannot be made. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    this.#isClosed = false;
  }

  /** The file of a log. */
  pathOf(name: LogName): string {
    return logPath(this.#folder, name);
  }

  /** The folder that all logs lie below. */
  get folder(): string {
    return this.#folder;
  }

  /**
   * Stores what is new in the chunk and answers how many bytes are stored. An answer below the
   * chunk's offset means that bytes before it are missing and nothing was stored. Errors as
   * `appendChunk`.
   */
  async append(name: LogName, chunk: Chunk): Promise<number> {
    if (this.#isClosed) throw fail('shutting_down', 'this executor stops; send it to another');
    const path = this.pathOf(name);
    const shelf = this.#shelf(path);
    shelf.waitingCount += 1;
    const stored = shelf.last.then(() => this.#append(path, shelf, chunk));
    shelf.last = stored.catch(() => undefined);
    try {
      return await stored;
    } finally {
      shelf.waitingCount -= 1;
      this.#wake(path);
      await this.#closeIdle(FILES_MAX);
    }
  }

  /**
   * Bytes of the log that are stored as far as this executor knows without looking; undefined when
   * it does not know.
   */
  knownSize(name: LogName): number | undefined {
    const path = this.pathOf(name);
    return this.#shelves.get(path)?.log?.size ?? this.#sizes.get(path);
  }

  /** Follows the news of one log. Throws `limit_reached` when too many are followed. */
  watch(name: LogName): LogWatch {
    if (this.#watchesCount >= WATCHES_MAX) {
      throw fail('limit_reached', `${WATCHES_MAX} logs are followed already; read without follow`);
    }
    this.#watchesCount += 1;
    const path = this.pathOf(name);
    const watchers = this.#watchers.get(path) ?? new Set();
    this.#watchers.set(path, watchers);
    let wakeUp = new AbortController();
    const onNews = () => wakeUp.abort();
    watchers.add(onNews);
    return {
      news: async (ms, signal) => {
        await this.#clock.sleep(ms, AbortSignal.any([wakeUp.signal, signal]));
        wakeUp = new AbortController();
      },
      stop: () => {
        if (!watchers.delete(onNews)) return;
        this.#watchesCount -= 1;
        if (watchers.size === 0) this.#watchers.delete(path);
      },
    };
  }

  /** The attempt of this log has ended: whoever follows it looks again. */
  announceEnd(name: LogName): void {
    this.#wake(this.pathOf(name));
  }

  /** Waits for writes under way and closes all files; takes no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#shelves.values()].map(({ last }) => last));
    await this.#closeIdle(0);
  }

  async #append(path: string, shelf: Shelf, chunk: Chunk): Promise<number> {
    shelf.log ??= await openLogFile(this.#folder, path, this.#sizeMax);
    if (chunk.offset > shelf.log.size) await refreshSize(shelf.log);
    const options = { sizeMax: this.#sizeMax, nowMs: this.#clock.nowMs() };
    return appendChunk(shelf.log, chunk, options);
  }

  #shelf(path: string): Shelf {
    const shelf = this.#shelves.get(path) ?? {
      log: undefined,
      last: Promise.resolve(),
      waitingCount: 0,
    };
    this.#shelves.delete(path);
    this.#shelves.set(path, shelf);
    return shelf;
  }

  #wake(path: string): void {
    for (const onNews of this.#watchers.get(path) ?? []) onNews();
  }

  async #closeIdle(filesMax: number): Promise<void> {
    for (const [path, shelf] of this.#shelves) {
      if (this.#shelves.size <= filesMax) return;
      if (shelf.waitingCount > 0) continue;
      this.#shelves.delete(path);
      this.#remember(path, shelf.log?.size);
      await shelf.log?.file.close();
    }
  }

  #remember(path: string, size: number | undefined): void {
    this.#sizes.delete(path);
    if (size !== undefined) this.#sizes.set(path, size);
    const [oldest] = this.#sizes.keys();
    if (this.#sizes.size > SIZES_MAX && oldest !== undefined) this.#sizes.delete(oldest);
  }
}
