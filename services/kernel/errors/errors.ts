// The one table of errors: every reason for a refusal, its code, and whether a retry can help.
import { Code, ConnectError } from '@connectrpc/connect';
import { ErrorInfoSchema } from '#gen/google/rpc/error_details_pb.ts';

export { Code, ConnectError };

/** What the table says about one reason. */
export type ErrorRow = {
  /** The gRPC status the caller receives. */
  readonly code: Code;
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
};

const never = (code: Code): ErrorRow => ({ code, retryable: false });
const later = (code: Code): ErrorRow => ({ code, retryable: true });

/**
 * Every reason by name; the names are part of the public contract (`google.rpc.ErrorInfo.reason`).
 */
export const ERRORS = {
  // Who may write: the fences of partitions and attempts.
  not_owner: later(Code.FailedPrecondition),
  taking_over: later(Code.Unavailable),
  stale_epoch: never(Code.FailedPrecondition),
  commit_out_of_order: never(Code.FailedPrecondition),
  stale_attempt: never(Code.FailedPrecondition),

  // What is asked for does not exist.
  dag_not_found: never(Code.NotFound),
  dag_version_not_found: never(Code.NotFound),
  run_not_found: never(Code.NotFound),
  task_not_found: never(Code.NotFound),
  task_instance_not_found: never(Code.NotFound),
  attempt_not_found: never(Code.NotFound),
  xcom_not_found: never(Code.NotFound),
  log_not_found: never(Code.NotFound),
  worker_not_found: never(Code.NotFound),
  connection_not_found: never(Code.NotFound),
  variable_not_found: never(Code.NotFound),
  pool_not_found: never(Code.NotFound),
  backfill_not_found: never(Code.NotFound),
  asset_not_found: never(Code.NotFound),
  state_not_found: never(Code.NotFound),
  no_producer: never(Code.NotFound),
  key_not_found: never(Code.NotFound),
  human_input_not_found: never(Code.NotFound),
  file_not_found: never(Code.NotFound),
  import_error_not_found: never(Code.NotFound),
  user_not_found: never(Code.NotFound),
  token_not_found: never(Code.NotFound),
  method_not_found: never(Code.Unimplemented),

  // What would be created is there already, or the state forbids it.
  dag_id_taken: never(Code.AlreadyExists),
  asset_conflict: never(Code.AlreadyExists),
  run_exists: never(Code.AlreadyExists),
  connection_exists: never(Code.AlreadyExists),
  variable_exists: never(Code.AlreadyExists),
  pool_exists: never(Code.AlreadyExists),
  user_exists: never(Code.AlreadyExists),
  pool_protected: never(Code.FailedPrecondition),
  pool_in_use: never(Code.FailedPrecondition),
  dag_paused: never(Code.FailedPrecondition),
  run_type_not_allowed: never(Code.FailedPrecondition),
  dag_has_import_error: never(Code.FailedPrecondition),
  run_not_finished: never(Code.FailedPrecondition),
  backfill_completed: never(Code.FailedPrecondition),
  several_producers: never(Code.FailedPrecondition),
  not_awaiting_input: never(Code.FailedPrecondition),
  task_running: never(Code.FailedPrecondition),
  task_not_finished: never(Code.FailedPrecondition),
  protocol_too_old: never(Code.FailedPrecondition),
  worker_draining: never(Code.FailedPrecondition),

  // What was sent is wrong.
  bad_request: never(Code.InvalidArgument),
  bad_params: never(Code.InvalidArgument),
  bad_page_token: never(Code.InvalidArgument),
  bad_filter: never(Code.InvalidArgument),
  bad_backfill: never(Code.InvalidArgument),
  bad_answer: never(Code.InvalidArgument),
  bad_timetable: never(Code.InvalidArgument),
  bad_dag: never(Code.InvalidArgument),
  hello_expected: never(Code.InvalidArgument),

  // Who asks.
  bad_token: never(Code.Unauthenticated),
  unauthenticated: never(Code.Unauthenticated),
  caller_not_allowed: never(Code.PermissionDenied),
  role_required: never(Code.PermissionDenied),
  connection_not_declared: never(Code.PermissionDenied),
  asset_not_declared: never(Code.PermissionDenied),
  host_not_allowed: never(Code.PermissionDenied),
  not_assigned: never(Code.PermissionDenied),

  // Too much.
  message_too_large: never(Code.ResourceExhausted),
  xcom_too_large: never(Code.ResourceExhausted),
  log_too_large: never(Code.ResourceExhausted),
  limit_reached: never(Code.ResourceExhausted),
  queue_full: later(Code.ResourceExhausted),

  // Not now.
  starting: later(Code.Unavailable),
  shutting_down: later(Code.Unavailable),
  unreachable: later(Code.Unavailable),
  database_unavailable: later(Code.Unavailable),
  deadline_exceeded: later(Code.DeadlineExceeded),
  cancelled: never(Code.Canceled),

  // Our own mistake; the text carries an id that the log knows.
  internal: never(Code.Internal),
} as const satisfies Record<string, ErrorRow>;

/** A reason of the table. */
export type ErrorName = keyof typeof ERRORS;

const DOMAIN = 'dagmesh';

/** Longest sentence and detail, in characters: they travel in headers, whose size is limited. */
const MESSAGE_LENGTH_MAX = 4_000;
const DETAIL_LENGTH_MAX = 500;

/**
 * Builds the error a door answers with: `throw fail('run_exists', 'run x exists already; choose
 * another run_id')`. The message is for a person and says what to do next. `details` travel as
 * ErrorInfo.metadata, so they must hold no secret; `cause` stays on this side.
 */
export function fail(
  name: ErrorName,
  message: string,
  options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, string>> } = {},
): ConnectError {
  const metadata = Object.fromEntries(
    Object.entries(options.details ?? {}).map(([key, value]) => [
      key,
      cut(value, DETAIL_LENGTH_MAX),
    ]),
  );
  const detail = { desc: ErrorInfoSchema, value: { reason: name, domain: DOMAIN, metadata } };
  const sentence = cut(message, MESSAGE_LENGTH_MAX);
  return new ConnectError(sentence, ERRORS[name].code, undefined, [detail], options.cause);
}

/** Never leaves half a character, which no header could carry. */
function cut(text: string, lengthMax: number): string {
  return (text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text).toWellFormed();
}

/** The reason an error carries, wherever it was made; undefined for errors that are not ours. */
export function reasonOf(error: unknown): ErrorName | undefined {
  const info = infoOf(error);
  return info !== undefined && isErrorName(info.reason) ? info.reason : undefined;
}

/** The details given to `fail`, wherever the error was made; empty for errors that are not ours. */
export function detailsOf(error: unknown): Readonly<Record<string, string>> {
  return infoOf(error)?.metadata ?? {};
}

/**
 * True when the same call may succeed later: the table says so, or the transport lost the way
 * (UNAVAILABLE, DEADLINE_EXCEEDED).
 */
export function isRetryable(error: unknown): boolean {
  const reason = reasonOf(error);
  if (reason !== undefined) return ERRORS[reason].retryable;
  if (!(error instanceof ConnectError)) return false;
  return error.code === Code.Unavailable || error.code === Code.DeadlineExceeded;
}

/** The sentence of an error without the code in front, or what another value says of itself. */
export function messageOf(error: unknown): string {
  if (error instanceof ConnectError) return error.rawMessage;
  return error instanceof Error ? error.message : String(error);
}

function infoOf(error: unknown) {
  if (!(error instanceof ConnectError)) return undefined;
  return error.findDetails(ErrorInfoSchema).find((info) => info.domain === DOMAIN);
}

function isErrorName(reason: string): reason is ErrorName {
  return Object.hasOwn(ERRORS, reason);
}
