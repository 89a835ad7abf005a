// Ends what an attempt runs, step by step: abort its signal, TERM its process group, KILL what is
// left after the grace.
import { CancelStep } from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Seat } from '../children/job.ts';
import { after, monotonicMs, sleep } from '../clock.ts';

const GROUP_POLL_MS = 10;
/** After KILL a process group is gone at once, unless a member hangs in the kernel. */
const KILL_WAIT_MS = 5_000;

/** Why and how an attempt is to be ended from outside. */
export type Stop = {
  readonly kind: 'cancelled' | 'timeout' | 'shutdown' | 'lost';
  readonly mode: 'graceful' | 'kill';
  /** Between TERM and KILL. */
  readonly graceMs: number;
  /** A sentence for the task's log and its report. */
  readonly reason: string;
};

/** A stop that is under way. */
export type Stopping = {
  /** Skips the rest of the grace. */
  kill(): void;
  /** Call when the code has ended; resolves once its process group is gone. */
  gone(): Promise<void>;
};

/**
 * Begins to stop the code in a seat. A child with no other jobs is ended with it; in a shared one
 * only the job's signal is aborted, and the whole child killed when the code still runs after the
 * grace.
 */
export function beginStop(seat: Seat, stop: Stop, progress: (step: CancelStep) => void): Stopping {
  const isAlone = !seat.isShared();
  const endsAtMs = monotonicMs() + stop.graceMs + KILL_WAIT_MS;
  const grace = after(stop.graceMs, () => kill());
  let wasKilled = false;

  const kill = () => {
    grace.cancel();
    if (wasKilled) return;
    wasKilled = true;
    seat.discard();
    seat.signal('SIGKILL');
    progress(CancelStep.KILLED);
  };

  if (isAlone) seat.discard();
  if (stop.mode === 'kill') {
    kill();
  } else {
    seat.abort(stop.reason);
    if (isAlone) seat.signal('SIGTERM');
    progress(CancelStep.SIGNALLED);
  }
  return {
    kill,
    gone: async () => {
      const isOwnGroup = isAlone || wasKilled;
      while (isOwnGroup && seat.signal(0) && monotonicMs() < endsAtMs) await sleep(GROUP_POLL_MS);
      grace.cancel();
      progress(CancelStep.EXITED);
    },
  };
}
