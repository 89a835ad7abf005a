// From what a worker reports to what a scheduler records. A report that breaks a limit becomes a
// failure that says so.
import { create } from '@bufbuild/protobuf';
import {
  type AttemptError,
  AttemptErrorSchema,
  type AttemptReport,
  FailureReason,
  Outcome,
  type XCom,
} from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { isJson } from './contents.ts';
import { brokenAssetUpdates, brokenDirection } from './decisions.ts';
import { elementsCount } from './elements.ts';
import {
  MAP_LABEL_LENGTH_MAX,
  REPORT_SIZE_MAX,
  XCOM_KEY_LENGTH_MAX,
  XCOM_SIZE_MAX,
  XCOMS_MAX,
} from './limits.ts';
import { type EndInit, endSize, type OutcomeInit } from './outcome.ts';
import type { AttemptName } from './roster.ts';
import { cutBytes, cutText } from './text.ts';
import { judgeAwaitInput, judgeDefer, judgeReschedule } from './waits.ts';
import { RETURN_VALUE } from './xcom-values.ts';

/** A report as it will be recorded. */
export type JudgedReport = {
  readonly outcome: OutcomeInit;
  /** To the worker: which rule the report broke. */
  readonly refused?: string;
  /** What must be brought home before it can be recorded. */
  readonly errand?: Errand;
};

/**
 * What a report leaves to be done: `length`, to count the elements of what was pushed earlier under
 * the key of the result; `push`, to store values of a task that goes on waiting.
 */
export type Errand =
  | { readonly kind: 'length' }
  | { readonly kind: 'push'; readonly xcoms: readonly XCom[] };

/** What the judge knows beside the report. */
export type Circumstances = {
  /** Wall clock. */
  readonly nowMs: number;
  /**
   * Whether somebody maps over what the task returns; undefined for attempts whose lease was not
   * seen here: their elements are counted, and whoever needs no count leaves it.
   */
  readonly isMappedOver: boolean | undefined;
};

const REASON_LENGTH_MAX = 4_096;
const ERROR_CLASS_LENGTH_MAX = 500;
const ERROR_ANCESTORS_MAX = 50;
const ERROR_MESSAGE_SIZE_MAX = 4_096;
const ERROR_STACK_SIZE_MAX = 16_384;

/** Outcomes after which the same try goes on. */
const WAITING: ReadonlySet<Outcome> = new Set([
  Outcome.DEFERRED,
  Outcome.RESCHEDULED,
  Outcome.AWAITING_INPUT,
]);

/** Judges a report: the outcome its worker meant, or a failure with reason LIMIT. */
export function judgeReport(
  name: AttemptName,
  report: AttemptReport,
  circumstances: Circumstances,
): JudgedReport {
  const { outcome: said } = report;
  const isWaiting = WAITING.has(said);
  const xcoms = said === Outcome.SUCCESS || isWaiting ? lastOfEachKey(report.xcoms) : [];
  const end = brokenXComs(xcoms) ?? endOf(report, circumstances.nowMs);
  if (typeof end === 'string') return refuse(name, end);
  const broken = brokenSize({ ...end, xcoms });
  if (broken !== undefined) return refuse(name, broken);
  const label = cutText(report.mapLabel, MAP_LABEL_LENGTH_MAX);
  const outcome = { ...idOf(name), ...end, ...(label === '' ? {} : { mapLabel: label }) };
  if (isWaiting) return { outcome, ...(xcoms.length === 0 ? {} : { errand: push(xcoms) }) };
  if (said !== Outcome.SUCCESS) return { outcome };
  return withLength({ ...outcome, xcoms }, xcoms, circumstances.isMappedOver);
}

/** The end as it is recorded, or the rule that the report breaks, in a sentence. */
function endOf(report: AttemptReport, nowMs: number): EndInit | string {
  switch (report.outcome) {
    case Outcome.SUCCESS:
      return success(report);
    case Outcome.FAILED:
      return unsuccessful(AttemptEnd.FAILED, report);
    case Outcome.SKIPPED:
      return unsuccessful(AttemptEnd.SKIPPED, report);
    case Outcome.REJECTED:
      return unsuccessful(AttemptEnd.REJECTED, report);
    case Outcome.CANCELLED:
      return unsuccessful(AttemptEnd.CANCELLED, report);
    case Outcome.DEFERRED:
      return judgeDefer(report);
    case Outcome.RESCHEDULED:
      return judgeReschedule(report, nowMs);
    case Outcome.AWAITING_INPUT:
      return judgeAwaitInput(report);
    default:
      return `outcome ${report.outcome} is unknown here; this mesh may be older than the worker`;
  }
}

function success({ direction, assetUpdates }: AttemptReport): EndInit | string {
  const broken = brokenDirection(direction) ?? brokenAssetUpdates(assetUpdates);
  if (broken !== undefined) return broken;
  return {
    end: AttemptEnd.SUCCESS,
    ...(direction === undefined ? {} : { direction }),
    ...(assetUpdates.length === 0 ? {} : { assetUpdates }),
  };
}

function unsuccessful(end: AttemptEnd, report: AttemptReport): EndInit {
  const error = report.error === undefined ? {} : { error: cutError(report.error) };
  return { end, reason: cutText(report.reason, REASON_LENGTH_MAX), ...error };
}

/** A success with what a mapped task needs to know of it. */
function withLength(
  outcome: OutcomeInit,
  xcoms: readonly XCom[],
  isMappedOver: boolean | undefined,
): JudgedReport {
  if (isMappedOver === false) return { outcome };
  const result = xcoms.find(({ key }) => key === RETURN_VALUE);
  if (result === undefined) return { outcome, errand: { kind: 'length' } };
  return { outcome: countedOutcome(outcome, result.valueJson) };
}

/** A success together with how many elements its result has. */
export function countedOutcome(outcome: OutcomeInit, resultJson: string): OutcomeInit {
  const mapLength = elementsCount(resultJson);
  return mapLength === undefined ? outcome : { ...outcome, mapLength };
}

function push(xcoms: readonly XCom[]): Errand {
  return { kind: 'push', xcoms };
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
 * A failure because of a rule or limit of the mesh; the task's retry policy decides what follows.
 */
export function limitFailure(
  name: AttemptName,
  sentence: string,
  errorClass = 'LimitExceeded',
): OutcomeInit {
  return {
    ...idOf(name),
    end: AttemptEnd.FAILED,
    error: {
      errorClass,
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

function brokenXComs(xcoms: readonly XCom[]): string | undefined {
  if (xcoms.length > XCOMS_MAX) {
    return `${xcoms.length} XComs were pushed, more than ${XCOMS_MAX}; push fewer, larger ones`;
  }
  for (const xcom of xcoms) {
    const broken = brokenXCom(xcom);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function brokenSize(end: EndInit): string | undefined {
  const size = endSize(end);
  if (size <= REPORT_SIZE_MAX) return undefined;
  const all = `all XComs and decisions together have ${size} bytes, more than ${REPORT_SIZE_MAX}`;
  return `${all}; store them elsewhere and push references`;
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
    errorClassAncestors: error.errorClassAncestors
      .slice(0, ERROR_ANCESTORS_MAX)
      .map((name) => cutText(name, ERROR_CLASS_LENGTH_MAX)),
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
