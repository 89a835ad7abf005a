// When a log is complete: its attempt has ended, and all bytes its worker spoke of have arrived.
import { TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { Roster } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';
import type { LogName } from './log-path.ts';
import type { LogTails } from './log-tails.ts';

/** Tells whether one log is complete, each time it is asked. */
export type LogEnd = (signal: AbortSignal) => Promise<boolean>;

/** How often the ledger is asked about an attempt that another executor holds. */
const ASK_MS = 2_000;

/** Watches for the end of one log, as long as somebody follows it. */
export function watchLogEnd(
  name: LogName,
  options: {
    readonly roster: Roster;
    readonly tails: LogTails;
    readonly pathOf: (name: LogName) => string;
    readonly ledger: Client<typeof LedgerService>;
    readonly clock: Clock;
    readonly events: ExecutorEvents;
  },
): LogEnd {
  const { roster, tails, ledger, clock, events } = options;
  const path = options.pathOf(name);
  let wasLiveHere = false;
  let askedMs = Number.NEGATIVE_INFINITY;

  return async (signal) => {
    if (isLiveHere(roster, name)) {
      wasLiveHere = true;
      return false;
    }
    if (tails.isAwaited(path)) return false;
    // Attempts leave the roster only after their end was committed.
    if (wasLiveHere) return true;
    if (clock.monotonicMs() - askedMs < ASK_MS) return false;
    askedMs = clock.monotonicMs();
    try {
      return !(await isRunning(ledger, name, signal));
    } catch (error) {
      if (reasonOf(error) === 'run_not_found') return true;
      events.logEndUnknown(error);
      return false;
    }
  };
}

function isLiveHere(roster: Roster, name: LogName): boolean {
  for (const { epoch, place } of roster.attempts.values()) {
    const isSame =
      epoch === name.epoch &&
      place?.runId === name.runId &&
      place.taskId === name.taskId &&
      place.dagId === name.dagId &&
      place.mapIndex === name.mapIndex;
    if (isSame) return true;
  }
  return false;
}

async function isRunning(
  ledger: Client<typeof LedgerService>,
  name: LogName,
  signal: AbortSignal,
): Promise<boolean> {
  const { dagId, runId, taskId, mapIndex, epoch } = name;
  const { taskInstances, attempts } = await ledger.loadRun({ dagId, runId }, { signal });
  const instance = taskInstances.find(
    (each) => each.taskId === taskId && each.mapIndex === mapIndex,
  );
  return attempts.some(
    (attempt) =>
      attempt.taskInstanceId === instance?.id &&
      attempt.epoch === epoch &&
      attempt.state === TaskAttemptState.RUNNING,
  );
}
