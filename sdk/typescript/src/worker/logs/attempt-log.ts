// The log of one attempt on its way to the mesh: what is not stored yet is kept, and never too much
// of it.
import type { Level } from './line.ts';
import { lineJson } from './line.ts';

/** Unstored bytes of one attempt beyond which its child has to wait. */
const KEPT_BYTES_MAX = 1024 * 1024;
/** Room that is kept below the limit for the line that says it was reached. */
const NOTICE_BYTES = 512;

/** Limits of one log. */
export type LogLimits = {
  /** Bytes of the whole log; what follows is dropped. */
  readonly sizeMax: number;
  /** Bytes of one chunk. */
  readonly chunkBytesMax: number;
};

/** A piece that begins at `offset`; whole lines. */
export type Piece = { readonly offset: number; readonly content: Buffer };

/** One attempt's log. Sizes and offsets are in bytes from its beginning. */
export class AttemptLog {
  readonly attemptId: string;
  /** Proves the right to write the log; replaced when it is about to expire. */
  token: string;
  readonly #limits: LogLimits;
  readonly #changed: (log: AttemptLog) => void;
  /** Lines that are in no piece yet. */
  #unsent: Buffer[] = [];
  /**
   * Pieces that are not known to be stored, in order; the first `#sentCount` went out on the
   * present stream.
   */
  #pieces: Piece[] = [];
  #sentCount = 0;
  #cutSize = 0;
  #storedSize = 0;
  #size = 0;
  #isFull = false;
  #isClosed = false;
  #onRoom: () => void = () => undefined;

  constructor(
    attempt: { readonly attemptId: string; readonly token: string },
    limits: LogLimits,
    changed: (log: AttemptLog) => void,
  ) {
    this.attemptId = attempt.attemptId;
    this.token = attempt.token;
    this.#limits = limits;
    this.#changed = changed;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Bytes held in memory. */
  get keptSize(): number {
    return this.#size - this.#storedSize;
  }

  /** Whether something was not sent on the present stream. */
  get hasUnsent(): boolean {
    return this.#unsent.length > 0 || this.#sentCount < this.#pieces.length;
  }

  /** Whether nothing is left to do: the attempt has ended and everything is stored. */
  get isDone(): boolean {
    return this.#isClosed && this.keptSize === 0;
  }

  /**
   * Adds a line; false asks the writer to wait until `onRoom`. Beyond the size limit lines are
   * dropped, with a notice.
   */
  append(line: Buffer): boolean {
    if (this.#isFull) return true;
    if (this.#size + line.length > this.#limits.sizeMax - NOTICE_BYTES) {
      this.#isFull = true;
      const limit = `the log has reached its limit of ${this.#limits.sizeMax} bytes`;
      this.#push(lineOf('warning', `${limit}; what follows is dropped`, NOTICE_BYTES));
      return true;
    }
    this.#push(line);
    return this.keptSize < KEPT_BYTES_MAX;
  }

  /** Adds a line of the worker's own. */
  say(level: Level, message: string): void {
    for (const text of lineJson({ level, stream: 'worker', message }, this.#limits.chunkBytesMax)) {
      this.append(Buffer.from(text));
    }
  }

  /** Calls back each time a waiting writer may go on. */
  onRoom(run: () => void): void {
    this.#onRoom = run;
  }

  /** Nothing follows. */
  close(): void {
    this.#isClosed = true;
    this.#onRoom = () => undefined;
    this.#changed(this);
  }

  /** The next piece that was not sent on this stream yet. */
  next(): Piece | undefined {
    const piece = this.#pieces[this.#sentCount] ?? this.#cut();
    if (piece !== undefined) this.#sentCount += 1;
    return piece;
  }

  /** The stream broke: what is not known to be stored goes again. */
  rewind(): void {
    this.#sentCount = 0;
  }

  /**
   * The mesh has stored the log up to here. False when it has lost bytes that this worker does not
   * hold any more, so that the log can never be continued.
   */
  stored(size: number): boolean {
    if (size < this.#storedSize) return false;
    const isGap = size === this.#storedSize;
    let [piece] = this.#pieces;
    while (piece !== undefined && piece.offset + piece.content.length <= size) {
      this.#storedSize = piece.offset + piece.content.length;
      this.#pieces.shift();
      this.#sentCount = Math.max(0, this.#sentCount - 1);
      [piece] = this.#pieces;
    }
    if (isGap) this.rewind();
    if (this.keptSize < KEPT_BYTES_MAX / 2) this.#onRoom();
    return true;
  }

  /** The mesh will not take it: forgets what is kept and whatever follows. */
  abandon(): void {
    this.#isFull = true;
    this.#unsent = [];
    this.#pieces = [];
    this.#storedSize = this.#size;
    this.#onRoom();
  }

  /** Makes a piece of whole lines from what was not sent, at least one line and at most a chunk. */
  #cut(): Piece | undefined {
    let count = 0;
    let bytesCount = 0;
    for (const line of this.#unsent) {
      if (count > 0 && bytesCount + line.length > this.#limits.chunkBytesMax) break;
      bytesCount += line.length;
      count += 1;
    }
    if (count === 0) return undefined;
    const piece = { offset: this.#cutSize, content: Buffer.concat(this.#unsent.splice(0, count)) };
    this.#cutSize += bytesCount;
    this.#pieces.push(piece);
    return piece;
  }

  #push(line: Buffer): void {
    this.#unsent.push(line);
    this.#size += line.length;
    this.#changed(this);
  }
}

function lineOf(level: Level, message: string, bytesMax: number): Buffer {
  return Buffer.from(lineJson({ level, stream: 'worker', message }, bytesMax).join(''));
}
