// One attempt on this worker, from its lease to its report.
//
// It waits for a child, then runs, and ends exactly once. While it waits or runs it may be stopped:
// by a cancel, its execution timeout, the worker leaving, or because the mesh gave it to somebody
// else. A stopped attempt is reported only when its process group is gone.
import type { Lease } from '../../gen/dagmesh/worker/v1/attempt_pb.ts';
import { CancelStep } from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Connection } from '../../task/context.ts';
import type { Exit } from '../children/child-port.ts';
import type { Job, Seat } from '../children/job.ts';
import { after, type Timer } from '../clock.ts';
import type { CallAnswer, CallRequest, Ending, RunOrder } from '../ipc.ts';
import type { AttemptLog } from '../logs/attempt-log.ts';
import { maskOf } from '../logs/mask.ts';
import { type Limits, msOf } from '../session/limits.ts';
import { failureOfExit, failureOfStop } from './exit-words.ts';
import { connectionsOf, lineBytesMaxOf, orderOf } from './order.ts';
import { createRawOutput, type RawOutput } from './raw-output.ts';
import type { Verdict } from './report.ts';
import { beginStop, type Stop, type Stopping } from './stopper.ts';

/** What an attempt makes its worker do. */
export type AttemptOwner = {
  /** Takes the attempt back from the pool; true when no child has begun with it. */
  withdraw(attempt: Attempt): boolean;
  accepted(attempt: Attempt): void;
  progress(attempt: Attempt, step: CancelStep): void;
  call(attempt: Attempt, request: CallRequest): Promise<CallAnswer>;
  /** It is over; without a verdict nothing is to be reported. */
  over(attempt: Attempt, verdict: Verdict | undefined): void;
};

/** What an attempt is made of. */
export type AttemptParts = {
  readonly lease: Lease;
  readonly log: AttemptLog;
  /** Where the files of its DAG are. */
  readonly dagsFolder: string;
  readonly limits: Limits;
};

/** An attempt on this worker. */
export class Attempt implements Job {
  readonly lease: Lease;
  readonly log: AttemptLog;
  readonly #dagsFolder: string;
  readonly #limits: Limits;
  readonly #owner: AttemptOwner;
  readonly #connections: readonly Connection[];
  #raw: RawOutput | undefined;
  #seat: Seat | undefined;
  #timeout: Timer | undefined;
  #stop: Stop | undefined;
  #stopping: Stopping | undefined;
  #isOver = false;

  constructor(parts: AttemptParts, owner: AttemptOwner) {
    const { lease, log, dagsFolder, limits } = parts;
    this.lease = lease;
    this.log = log;
    this.#dagsFolder = dagsFolder;
    this.#limits = limits;
    this.#owner = owner;
    this.#connections = connectionsOf(lease);
  }

  /** Whether no child has begun with it. */
  get isWaiting(): boolean {
    return this.#seat === undefined;
  }

  /** Whether it is being ended because it is not this worker's any more. */
  get isGivenUp(): boolean {
    return this.#stop?.kind === 'lost';
  }

  /**
   * Ends the attempt from outside. A later stop can only hurry an earlier one, or take away its
   * report.
   */
  stop(stop: Stop): void {
    if (this.#isOver) return;
    const isFirst = this.#stop === undefined;
    if (isFirst || stop.kind === 'lost') this.#stop = stop;
    if (isFirst) this.log.say('warning', stop.reason);
    this.#timeout?.cancel();
    if (this.#owner.withdraw(this)) {
      this.#owner.progress(this, CancelStep.EXITED);
      this.#end(
        stop.kind === 'shutdown' ? { kind: 'rejected', reason: stop.reason } : verdictOf(stop),
      );
    } else if (this.#stopping !== undefined) {
      if (stop.mode === 'kill') this.#stopping.kill();
    } else if (this.#seat !== undefined) {
      this.#stopping = beginStop(this.#seat, stop, (step) => this.#owner.progress(this, step));
    }
  }

  order(seq: number): RunOrder {
    return orderOf(this.lease, seq, {
      dagsFolder: this.#dagsFolder,
      limits: this.#limits,
      connections: this.#connections,
    });
  }

  started(seat: Seat): void {
    const isFirst = this.#seat === undefined;
    this.#seat = seat;
    this.log.onRoom(() => seat.resume());
    if (!isFirst) return;
    this.#owner.accepted(this);
    const timeoutMs = msOf(this.lease.executionTimeout);
    if (timeoutMs !== undefined) this.#timeout = after(timeoutMs, () => this.#timedOut(timeoutMs));
  }

  line(line: Buffer): void {
    if (!this.log.append(line)) this.#seat?.pause();
  }

  raw(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    this.#raw ??= createRawOutput(
      this.log,
      maskOf(this.#connections),
      lineBytesMaxOf(this.#limits),
    );
    if (!this.#raw.push(stream, bytes)) this.#seat?.pause();
  }

  call(request: CallRequest): Promise<CallAnswer> {
    return this.#owner.call(this, request);
  }

  ended(ending: Ending): void {
    if (this.#stop !== undefined) return this.#endStopped(this.#stop);
    this.#end(ending);
  }

  exited(exit: Exit): void {
    if (this.#stop !== undefined) return this.#endStopped(this.#stop);
    this.#seat?.signal('SIGKILL');
    const failure = failureOfExit(exit, this.#raw?.isHeapFull() ?? false);
    this.#end({ kind: 'failed', failure });
  }

  refused(sentence: string): void {
    this.#end({ kind: 'rejected', reason: sentence });
  }

  #timedOut(timeoutMs: number): void {
    this.stop({
      kind: 'timeout',
      mode: 'graceful',
      graceMs: this.#limits.killGraceMs,
      reason: `The task ran longer than its execution_timeout of ${timeoutMs / 1000} s.`,
    });
  }

  #endStopped(stop: Stop): void {
    void this.#stopping?.gone().then(() => this.#end(verdictOf(this.#stop ?? stop)));
  }

  #end(verdict: Verdict | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timeout?.cancel();
    this.#raw?.end();
    if (verdict?.kind === 'failed') {
      const { stack, errorClass, message } = verdict.failure;
      this.log.say('error', stack === '' ? `${errorClass}: ${message}` : stack);
    }
    this.#owner.over(this, verdict);
  }
}

function verdictOf(stop: Stop): Verdict | undefined {
  if (stop.kind === 'lost') return undefined;
  if (stop.kind === 'cancelled') return { kind: 'cancelled', reason: stop.reason };
  return { kind: 'failed', failure: failureOfStop(stop) };
}
