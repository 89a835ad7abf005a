// Outcomes in the contract's words and within its sizes.
import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import {
  type AttemptReport,
  AttemptReportSchema,
  FailureReason,
  Outcome,
} from '../../gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Failure } from '../ipc.ts';

const CLASS_LENGTH_MAX = 500;
const MESSAGE_BYTES_MAX = 4096;
const STACK_BYTES_MAX = 16_384;
const REASON_LENGTH_MAX = 4096;

/** How an attempt ended, as far as the mesh wants to know. */
export type Verdict =
  | { readonly kind: 'success'; readonly valueJson: string | undefined }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure }
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
    ...outcomeOf(verdict),
  });
}

function outcomeOf(verdict: Verdict) {
  switch (verdict.kind) {
    case 'success': {
      const { valueJson } = verdict;
      const xcoms = valueJson === undefined ? [] : [{ key: 'return_value', valueJson }];
      return { outcome: Outcome.SUCCESS, xcoms };
    }
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

function errorOf(failure: Failure) {
  const { retryDelayMs } = failure;
  return {
    errorClass: failure.errorClass.slice(0, CLASS_LENGTH_MAX),
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
