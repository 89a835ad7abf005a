// Outcomes in the contract's words and within its sizes.
import { create, fromJson } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { HumanInputSpecSchema, TriggerSpecSchema } from '../../gen/dagmesh/dag/v1/waiting_pb.ts';
import {
  type AttemptReport,
  AttemptReportSchema,
  FailureReason,
  Outcome,
} from '../../gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Direction } from '../../task/result.ts';
import type { Ending, Failure, Waiting } from '../ipc.ts';

const CLASS_LENGTH_MAX = 500;
const MESSAGE_BYTES_MAX = 4096;
const STACK_BYTES_MAX = 16_384;
const REASON_LENGTH_MAX = 4096;
const LABEL_LENGTH_MAX = 250;

/** How an attempt ended, as far as the mesh wants to know. */
export type Verdict =
  /** As its code ended. */
  | Ending
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'cancelled'; readonly reason: string };

const FAILURE_REASONS: Readonly<Record<Failure['reason'], FailureReason>> = {
  exception: FailureReason.EXCEPTION,
  timeout: FailureReason.TIMEOUT,
  exited: FailureReason.EXITED,
  out_of_memory: FailureReason.OUT_OF_MEMORY,
  limit: FailureReason.LIMIT,
};

/** The report of an attempt; texts that are too long end in an ellipsis. */
export function reportOf(verdict: Verdict, attemptToken: string, logSize: number): AttemptReport {
  return create(AttemptReportSchema, {
    attemptToken,
    logSize: BigInt(logSize),
    mapLabel: 'mapLabel' in verdict ? (verdict.mapLabel ?? '').slice(0, LABEL_LENGTH_MAX) : '',
    ...outcomeOf(verdict),
  });
}

function outcomeOf(verdict: Verdict) {
  switch (verdict.kind) {
    case 'returned': {
      const { xcoms, direction, assetUpdates } = verdict;
      const told = { outcome: Outcome.SUCCESS, xcoms: [...xcoms], assetUpdates: [...assetUpdates] };
      return direction === undefined ? told : { ...told, direction: directionOf(direction) };
    }
    case 'deferred':
    case 'rescheduled':
    case 'awaiting_input':
      return waitOf(verdict);
    case 'failed':
      return { outcome: Outcome.FAILED, error: errorOf(verdict.failure) };
    case 'skipped':
      return { outcome: Outcome.SKIPPED, reason: verdict.reason.slice(0, REASON_LENGTH_MAX) };
    case 'rejected':
      return { outcome: Outcome.REJECTED, reason: verdict.reason.slice(0, REASON_LENGTH_MAX) };
    case 'cancelled':
      return { outcome: Outcome.CANCELLED, reason: verdict.reason.slice(0, REASON_LENGTH_MAX) };
  }
}

function directionOf(direction: Direction) {
  if (direction.kind === 'branch') {
    const value = { followIds: [...direction.followIds] };
    return { kind: { case: 'branch' as const, value } };
  }
  const { respectsTriggerRules } = direction;
  return { kind: { case: 'shortCircuit' as const, value: { respectsTriggerRules } } };
}

function waitOf(wait: Waiting) {
  if (wait.kind === 'rescheduled') {
    return { outcome: Outcome.RESCHEDULED, rescheduleAt: timestampFromMs(wait.atMs) };
  }
  const { method, stateJson } = wait;
  if (wait.kind === 'awaiting_input') {
    const humanInput = fromJson(HumanInputSpecSchema, wait.question);
    return { outcome: Outcome.AWAITING_INPUT, awaitInput: { humanInput, method, stateJson } };
  }
  const { timeoutMs } = wait;
  const defer = { trigger: fromJson(TriggerSpecSchema, wait.trigger), method, stateJson };
  if (timeoutMs === undefined) return { outcome: Outcome.DEFERRED, defer };
  return { outcome: Outcome.DEFERRED, defer: { ...defer, timeout: durationFromMs(timeoutMs) } };
}

function errorOf(failure: Failure) {
  const { retryDelayMs } = failure;
  return {
    errorClass: failure.errorClass.slice(0, CLASS_LENGTH_MAX),
    errorClassAncestors: failure.errorAncestors.map((name) => name.slice(0, CLASS_LENGTH_MAX)),
    message: shorten(failure.message, MESSAGE_BYTES_MAX),
    stack: shorten(failure.stack, STACK_BYTES_MAX),
    reason: FAILURE_REASONS[failure.reason],
    isFinal: failure.isFinal,
    retryDelay: retryDelayMs === undefined ? undefined : durationFromMs(retryDelayMs),
  };
}

/** At most this many bytes of UTF-8, cut between two characters. */
function shorten(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  let end = bytesMax - 3;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}…`;
}
