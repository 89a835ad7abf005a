// From what a worker reports to what a scheduler records. A report that breaks a limit becomes a
// failure that says so.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AttemptError,
  AttemptErrorSchema,
  type AttemptReport,
  FailureReason,
  Outcome,
  type XCom,
} from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import {
  AttemptEnd,
  type AttemptOutcomeSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { REPORT_XCOMS_SIZE_MAX, XCOM_KEY_LENGTH_MAX, XCOM_SIZE_MAX, XCOMS_MAX } from './limits.ts';
import type { AttemptName } from './roster.ts';
import { cutBytes, cutText } from './text.ts';

/** What a scheduler is told about the end of one attempt. */
export type OutcomeInit = MessageInitShape<typeof AttemptOutcomeSchema>;

/** A report as it will be recorded; `refused` says, to the worker, which rule it broke. */
export type JudgedReport = { readonly outcome: OutcomeInit; readonly refused?: string };

const REASON_LENGTH_MAX = 4_096;
const ERROR_CLASS_LENGTH_MAX = 500;
const ERROR_MESSAGE_SIZE_MAX = 4_096;
const ERROR_STACK_SIZE_MAX = 16_384;

const ENDS: Readonly<Record<number, AttemptEnd>> = {
  [Outcome.SUCCESS]: AttemptEnd.SUCCESS,
  [Outcome.FAILED]: AttemptEnd.FAILED,
  [Outcome.SKIPPED]: AttemptEnd.SKIPPED,
  [Outcome.REJECTED]: AttemptEnd.REJECTED,
  [Outcome.CANCELLED]: AttemptEnd.CANCELLED,
};

/** Judges a report: the outcome its worker meant, or a failure with reason LIMIT. */
export function judgeReport(name: AttemptName, report: AttemptReport): JudgedReport {
  const end = ENDS[report.outcome];
  if (end === undefined) {
    return refuse(
      name,
      `outcome ${report.outcome} is unknown here; this mesh may be older than the worker`,
    );
  }
  if (end !== AttemptEnd.SUCCESS) {
    const error = report.error === undefined ? {} : { error: cutError(report.error) };
    const reason = cutText(report.reason, REASON_LENGTH_MAX);
    return { outcome: { ...idOf(name), end, reason, ...error } };
  }
  const xcoms = lastOfEachKey(report.xcoms);
  const broken = brokenXComRule(xcoms);
  if (broken !== undefined) return refuse(name, broken);
  return { outcome: { ...idOf(name), end, xcoms } };
}

/** An end that the mesh itself decides: lost, rejected, or failed because of a limit. */
export function meshOutcome(
  name: AttemptName,
  end: typeof AttemptEnd.LOST | typeof AttemptEnd.REJECTED,
  reason: string,
): OutcomeInit {
  return { ...idOf(name), end, reason: cutText(reason, REASON_LENGTH_MAX) };
}

/**
 * A failure because a limit of the mesh was broken; the task's retry policy decides what follows.
 */
export function limitFailure(name: AttemptName, sentence: string): OutcomeInit {
  return {
    ...idOf(name),
    end: AttemptEnd.FAILED,
    error: {
      errorClass: 'LimitExceeded',
      message: cutBytes(sentence, ERROR_MESSAGE_SIZE_MAX),
      reason: FailureReason.LIMIT,
    },
  };
}

/** The rule that one XCom breaks, in a sentence; undefined when it breaks none. */
export function brokenXCom(xcom: Pick<XCom, 'key' | 'valueJson'>): string | undefined {
  const { key, valueJson } = xcom;
  if (key.length === 0 || key.length > XCOM_KEY_LENGTH_MAX || key.includes('\0')) {
    return `the key of an XCom must have 1 to ${XCOM_KEY_LENGTH_MAX} characters`;
  }
  const size = Buffer.byteLength(valueJson);
  if (size > XCOM_SIZE_MAX) {
    const which = `XCom ${JSON.stringify(key)} has ${size} bytes, more than ${XCOM_SIZE_MAX}`;
    return `${which}; store it elsewhere and push a reference`;
  }
  if (!isJson(valueJson)) return `the value of XCom ${JSON.stringify(key)} is not JSON`;
  return undefined;
}

function brokenXComRule(xcoms: readonly XCom[]): string | undefined {
  if (xcoms.length > XCOMS_MAX) {
    return `${xcoms.length} XComs were pushed, more than ${XCOMS_MAX}; push fewer, larger ones`;
  }
  for (const xcom of xcoms) {
    const broken = brokenXCom(xcom);
    if (broken !== undefined) return broken;
  }
  const size = xcomsSize(xcoms);
  if (size <= REPORT_XCOMS_SIZE_MAX) return undefined;
  const all = `all XComs together have ${size} bytes, more than ${REPORT_XCOMS_SIZE_MAX}`;
  return `${all}; store them elsewhere and push references`;
}

/** Bytes of all keys and values. */
export function xcomsSize(
  xcoms: readonly { readonly key?: string; readonly valueJson?: string }[],
): number {
  return xcoms.reduce(
    (sum, { key = '', valueJson = '' }) =>
      sum + Buffer.byteLength(key) + Buffer.byteLength(valueJson),
    0,
  );
}

function refuse(name: AttemptName, sentence: string): JudgedReport {
  return { outcome: limitFailure(name, sentence), refused: sentence };
}

function idOf(name: AttemptName): Pick<AttemptName, 'attemptId' | 'epoch'> {
  return { attemptId: name.attemptId, epoch: name.epoch };
}

/** A task may push a key more than once; the last value counts. */
function lastOfEachKey(xcoms: readonly XCom[]): XCom[] {
  return [...new Map(xcoms.map((xcom) => [xcom.key, xcom])).values()];
}

function cutError(error: AttemptError): AttemptError {
  return create(AttemptErrorSchema, {
    errorClass: cutText(error.errorClass, ERROR_CLASS_LENGTH_MAX),
    message: cutBytes(error.message, ERROR_MESSAGE_SIZE_MAX),
    stack: cutBytes(error.stack, ERROR_STACK_SIZE_MAX),
    reason: error.reason in REASON_NAMES ? error.reason : FailureReason.UNSPECIFIED,
    isFinal: error.isFinal,
    ...(error.retryDelay === undefined ? {} : { retryDelay: error.retryDelay }),
  });
}

const REASON_NAMES = Object.fromEntries(
  Object.entries(FailureReason).map(([name, value]) => [value, name]),
);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
