// From what a worker would report to what the scheduler records.
import { type AttemptReport, Outcome } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { RETURN_VALUE, type Values } from '../ledger/memory.ts';
import type { OutcomeInit } from '../simulation.ts';

/** Outcomes after which the same try goes on. */
const WAITS: ReadonlySet<Outcome> = new Set([
  Outcome.DEFERRED,
  Outcome.RESCHEDULED,
  Outcome.AWAITING_INPUT,
]);

const ENDS: Readonly<Record<Outcome, AttemptEnd>> = {
  [Outcome.UNSPECIFIED]: AttemptEnd.FAILED,
  [Outcome.SUCCESS]: AttemptEnd.SUCCESS,
  [Outcome.FAILED]: AttemptEnd.FAILED,
  [Outcome.SKIPPED]: AttemptEnd.SKIPPED,
  [Outcome.REJECTED]: AttemptEnd.REJECTED,
  [Outcome.CANCELLED]: AttemptEnd.CANCELLED,
  [Outcome.DEFERRED]: AttemptEnd.DEFERRED,
  [Outcome.RESCHEDULED]: AttemptEnd.RESCHEDULED,
  [Outcome.AWAITING_INPUT]: AttemptEnd.AWAITING_INPUT,
};

/** Whether the task goes on later, so that what it pushed is kept for it. */
export function isWait({ outcome }: AttemptReport): boolean {
  return WAITS.has(outcome);
}

/** The outcome of a report; `pushed` is what its attempt pushed while it ran. */
export function outcomeOf(report: AttemptReport, pushed: Values): OutcomeInit {
  const { error, direction, defer, rescheduleAt, awaitInput } = report;
  const isSuccess = report.outcome === Outcome.SUCCESS;
  const result = report.xcoms.findLast(({ key }) => key === RETURN_VALUE)?.valueJson;
  const mapLength = isSuccess ? lengthOf(result ?? pushed.get(RETURN_VALUE)) : undefined;
  return {
    end: ENDS[report.outcome],
    reason: report.reason,
    xcoms: isSuccess ? report.xcoms : [],
    assetUpdates: report.assetUpdates,
    mapLabel: report.mapLabel,
    ...(mapLength === undefined ? {} : { mapLength }),
    ...(error === undefined ? {} : { error }),
    ...(direction === undefined ? {} : { direction }),
    ...(defer === undefined ? {} : { defer }),
    ...(rescheduleAt === undefined ? {} : { rescheduleAt }),
    ...(awaitInput === undefined ? {} : { awaitInput }),
  };
}

/** Elements of a list, keys of an object, −1 for what has none; undefined for nothing. */
function lengthOf(json: string | undefined): number | undefined {
  const value: unknown = json === undefined ? null : JSON.parse(json);
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' ? Object.keys(value).length : -1;
}
