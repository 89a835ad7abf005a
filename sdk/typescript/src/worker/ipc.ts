// What a supervisor and its children say to each other over the IPC channel.
//
// Both sides send arrays: everything said within one turn of the event loop travels as one message.
// Log lines do not come this way but through pipe LINES_FD, written synchronously, so that a child
// that prints too much is held back by the pipe and a child that dies has already handed over what
// it printed.
import type { JsonValue } from '../json.ts';
import type { Connection } from '../task/context.ts';

/** The descriptor of the pipe that carries a child's log lines: `<seq> <line of JSON>\n`. */
export const LINES_FD = 3;

/** From the supervisor. */
export type ToChild =
  | { readonly kind: 'run'; readonly order: RunOrder }
  | { readonly kind: 'abort'; readonly seq: number; readonly reason: string }
  | { readonly kind: 'answer'; readonly call: number; readonly answer: CallAnswer };

/** From a child. */
export type FromChild =
  | { readonly kind: 'ready' }
  /**
   * A file that the child has loaded changed since, so it must not run this order; a fresh child
   * has to.
   */
  | { readonly kind: 'outdated'; readonly seq: number }
  | {
      readonly kind: 'ended';
      readonly seq: number;
      readonly ending: Ending;
      /** Something may be broken in this child. */
      readonly isSuspect: boolean;
      /** Lines this child has written to LINES_FD so far. */
      readonly linesCount: number;
    }
  | {
      readonly kind: 'call';
      readonly seq: number;
      readonly call: number;
      readonly request: CallRequest;
    };

/**
 * One attempt to run, as far as the child has to know it. `seq` numbers the orders of one child.
 */
export type RunOrder = {
  readonly seq: number;
  readonly attemptId: string;
  readonly epoch: number;
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly tryNumber: number;
  readonly triesMax: number;
  readonly handler: string;
  readonly runType: string;
  readonly inputsJson: string;
  readonly paramsJson: string;
  /** Epoch milliseconds. */
  readonly logicalDateMs: number | undefined;
  readonly intervalStartMs: number | undefined;
  readonly intervalEndMs: number | undefined;
  readonly connections: readonly Connection[];
  readonly xcomBytesMax: number;
  readonly lineBytesMax: number;
};

/** How the code of an attempt ended. */
export type Ending =
  | { readonly kind: 'returned'; readonly valueJson: string | undefined }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Why an attempt failed. */
export type Failure = {
  readonly reason: 'exception' | 'timeout' | 'exited' | 'out_of_memory' | 'limit';
  readonly errorClass: string;
  readonly message: string;
  readonly stack: string;
  readonly isFinal: boolean;
  /** The wait the task asked for before its next try. */
  readonly retryDelayMs: number | undefined;
};

/**
 * The calls a running task may make: methods of WorkerService, with the request in protobuf's JSON
 * form.
 */
export type CallMethod =
  | 'getConnection'
  | 'getVariable'
  | 'setVariable'
  | 'deleteVariable'
  | 'pushXCom'
  | 'pullXCom'
  | 'listXComs'
  | 'deleteXCom'
  | 'getTaskStates'
  | 'triggerDagRun';

/** A call without the attempt token, which only the supervisor holds. */
export type CallRequest = {
  readonly method: CallMethod;
  readonly input: { readonly [field: string]: JsonValue };
};

/** What became of a call. */
export type CallAnswer =
  | { readonly kind: 'ok'; readonly output: { readonly [field: string]: JsonValue } }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };
