// Carries the logs of all attempts to the mesh on a stream of their own, again after each break
// until they are stored.
import { WorkerService } from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { after, backoffMs, type Timer } from '../clock.ts';
import type { Stream, Wire } from '../session/wire.ts';
import { WireError, wireError } from '../session/wire-error.ts';
import { AttemptLog, type LogLimits, type Piece } from './attempt-log.ts';

const CALL_TIMEOUT_MS = 10_000;
const BACKOFF = { firstMs: 100, maxMs: 5_000 };
/**
 * Unstored bytes of all attempts beyond which lines are dropped: the worker must not grow with the
 * mesh's troubles.
 */
const KEPT_BYTES_MAX = 64 * 1024 * 1024;
/** Statuses that concern one chunk, not the connection. */
const REFUSALS: readonly string[] = [
  'failed_precondition',
  'resource_exhausted',
  'invalid_argument',
  'permission_denied',
  'not_found',
];

type LogStream = Stream<typeof WorkerService.method.streamLogs>;

/** Ships logs while a wire is attached and keeps them while none is. */
export class LogShipper {
  readonly #refused: (attemptId: string, error: WireError) => void;
  readonly #logs = new Map<string, AttemptLog>();
  readonly #dirty = new Set<AttemptLog>();
  #wire: Wire | undefined;
  #stream: LogStream | undefined;
  #retry: Timer | undefined;
  #failuresCount = 0;
  #isFlushing = false;
  #isAsking = false;

  /** `refused` hears of attempts whose log the mesh does not take any more. */
  constructor(refused: (attemptId: string, error: WireError) => void) {
    this.#refused = refused;
  }

  /** Whether everything that was written is stored. */
  get isEmpty(): boolean {
    return this.#logs.size === 0;
  }

  /** Begins the log of an attempt. */
  open(
    attempt: { readonly attemptId: string; readonly token: string },
    limits: LogLimits,
  ): AttemptLog {
    return new AttemptLog(attempt, limits, (log) => this.#changed(log));
  }

  /** Ships over this wire from now on. */
  attach(wire: Wire): void {
    this.detach();
    this.#wire = wire;
    this.#failuresCount = 0;
    this.#flushSoon();
  }

  /** Keeps what is not stored until the next wire comes. */
  detach(): void {
    this.#wire = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#stream?.cancel();
    this.#dropStream();
  }

  /** The token of an attempt was replaced. */
  refresh(attemptId: string, token: string): void {
    const log = this.#logs.get(attemptId);
    if (log !== undefined) log.token = token;
  }

  /** Forgets a log: the attempt is not this worker's any more. */
  discard(log: AttemptLog): void {
    log.abandon();
    this.#logs.delete(log.attemptId);
    this.#dirty.delete(log);
  }

  #changed(log: AttemptLog): void {
    if (log.keptSize === 0) {
      if (log.isDone) this.#logs.delete(log.attemptId);
      return;
    }
    this.#logs.set(log.attemptId, log);
    this.#dirty.add(log);
    this.#flushSoon();
  }

  /** What is written within one turn of the event loop travels in one chunk. */
  #flushSoon(): void {
    if (this.#isFlushing || this.#wire === undefined || this.#retry !== undefined) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#wire === undefined || this.#retry !== undefined || this.#isAsking) return;
    if (this.#dirty.size === 0) return;
    const stream = (this.#stream ??= this.#openStream(this.#wire));
    const isTooMuch = this.#keptSize() > KEPT_BYTES_MAX;
    for (const log of this.#dirty) {
      if (isTooMuch) this.discard(log);
      for (let piece = log.next(); piece !== undefined; piece = log.next()) {
        stream.write({ chunk: chunkOf(log, piece) });
      }
    }
    this.#dirty.clear();
  }

  #openStream(wire: Wire): LogStream {
    const stream = wire.open(WorkerService.method.streamLogs);
    stream.on('data', ({ attemptId, storedSize }) => {
      this.#failuresCount = 0;
      this.#stored(attemptId, Number(storedSize));
    });
    stream.on('error', (error) => this.#broke(stream, wireError(error)));
    stream.on('end', () => this.#broke(stream, new WireError('unavailable', undefined, 'ended')));
    return stream;
  }

  #stored(attemptId: string, storedSize: number): void {
    const log = this.#logs.get(attemptId);
    if (log === undefined) return;
    if (!log.stored(storedSize)) {
      const gap = `the mesh has lost what it had stored beyond byte ${storedSize}`;
      this.discard(log);
      this.#refused(attemptId, new WireError('data_loss', undefined, gap));
    } else if (log.isDone) {
      this.#logs.delete(attemptId);
    } else if (log.hasUnsent) {
      this.#dirty.add(log);
      this.#flushSoon();
    }
  }

  #broke(stream: LogStream, error: WireError): void {
    if (stream !== this.#stream) return;
    this.#dropStream();
    if (REFUSALS.includes(error.code)) void this.#askOneByOne();
    else this.#retryLater();
  }

  #dropStream(): void {
    this.#stream = undefined;
    for (const log of this.#logs.values()) {
      log.rewind();
      this.#dirty.add(log);
    }
  }

  #retryLater(): void {
    if (this.#wire === undefined) return;
    const delayMs = backoffMs(this.#failuresCount, BACKOFF);
    this.#failuresCount += 1;
    this.#retry ??= after(delayMs, () => {
      this.#retry = undefined;
      this.#flush();
    });
  }

  /** A stream that is refused does not say for which attempt; asking for each alone does. */
  async #askOneByOne(): Promise<void> {
    this.#isAsking = true;
    for (const log of [...this.#logs.values()]) {
      const piece = log.next();
      const wire = this.#wire;
      if (piece === undefined || wire === undefined) continue;
      try {
        const request = { chunk: chunkOf(log, piece) };
        const { storedSize } = await wire.call(WorkerService.method.appendLog, request, {
          timeoutMs: CALL_TIMEOUT_MS,
        });
        this.#stored(log.attemptId, Number(storedSize));
      } catch (error) {
        if (!(error instanceof WireError) || !REFUSALS.includes(error.code)) break;
        this.discard(log);
        this.#refused(log.attemptId, error);
      }
    }
    for (const log of this.#logs.values()) log.rewind();
    this.#isAsking = false;
    this.#retryLater();
  }

  #keptSize(): number {
    let bytesCount = 0;
    for (const log of this.#logs.values()) bytesCount += log.keptSize;
    return bytesCount;
  }
}

function chunkOf(log: AttemptLog, { offset, content }: Piece) {
  return { attemptToken: log.token, offset: BigInt(offset), content };
}
