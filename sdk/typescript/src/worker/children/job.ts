// The contract between the pool and what runs in it: a job, and its seat in a child.
import type { CallAnswer, CallRequest, Ending, RunOrder } from '../ipc.ts';
import type { Exit } from './child-port.ts';

/** Code to run in a child, and whom to tell about it. */
export type Job = {
  order(seq: number): RunOrder;
  /**
   * The order is on its way to a child; again, with another seat, when that child turned out to be
   * outdated.
   */
  started(seat: Seat): void;
  line(line: Buffer): void;
  raw(stream: 'stdout' | 'stderr', bytes: Buffer): void;
  call(request: CallRequest): Promise<CallAnswer>;
  /** The code ended, and what it printed has been read. */
  ended(ending: Ending): void;
  /** The child ended before the code did. */
  exited(exit: Exit): void;
  /** No child can be started, and why. */
  refused(sentence: string): void;
};

/** A job's place in a child. */
export type Seat = {
  /** Whether other jobs run in the same child. */
  isShared(): boolean;
  /** Aborts the job's signal. */
  abort(reason: string): void;
  /** Signals the child's process group; false when nobody is left in it. Signal 0 only asks. */
  signal(signal: NodeJS.Signals | 0): boolean;
  /** Nothing else is to run in this child. */
  discard(): void;
  /** Lets the child wait with what it prints. */
  pause(): void;
  resume(): void;
};
