// What a supervisor and its children say to each other over the IPC channel.
//
// Both sides send arrays: everything said within one turn of the event loop travels as one message.
// Log lines do not come this way but through pipe LINES_FD, written synchronously, so that a child
// that prints too much is held back by the pipe and a child that dies has already handed over what
// it printed.
import type { JsonValue as ProtoJson } from '@bufbuild/protobuf';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Connection } from '../task/context.ts';
import type { Direction } from '../task/result.ts';

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
  /** Absolute path of the DAG files. */
  readonly dagsFolder: string;
  readonly runType: string;
  readonly inputsJson: string;
  /** Changes of arguments by functions of the author, in order. */
  readonly inputTransforms: readonly InputTransform[];
  readonly paramsJson: string;
  /** Epoch milliseconds. */
  readonly logicalDateMs: number | undefined;
  readonly intervalStartMs: number | undefined;
  readonly intervalEndMs: number | undefined;
  readonly runAfterMs: number | undefined;
  readonly partitionKey: string;
  readonly expandedTiCount: number;
  readonly mapIndexTemplate: string;
  readonly resume: ResumeOrder | undefined;
  readonly waitingSinceMs: number | undefined;
  readonly reschedulesCount: number;
  /** AssetEvents in protobuf's JSON form. */
  readonly triggeringAssetEvents: readonly JsonObject[];
  /** Names of the aliases among the outlets. */
  readonly outletAliases: readonly string[];
  /** What is done instead of calling a handler. */
  readonly builtIn: BuiltIn | undefined;
  readonly connections: readonly Connection[];
  readonly xcomBytesMax: number;
  readonly lineBytesMax: number;
};

/** A change of an argument, or of one of its elements. */
export type InputTransform = {
  /** Empty means all arguments as one. */
  readonly name: string;
  readonly handlers: readonly string[];
  readonly path: readonly number[];
  /** The field of what the functions give that is the argument; empty means all of it. */
  readonly field: string;
};

/** What a task goes on with after it waited. */
export type ResumeOrder = {
  readonly method: string;
  readonly stateJson: string;
  readonly eventJson: string;
  readonly error: string;
  readonly response:
    | {
        readonly chosenOptions: readonly string[];
        readonly paramsJson: string;
        readonly respondedBy: string;
        readonly respondedAtMs: number | undefined;
      }
    | undefined;
};

/** Something every worker can do by itself; its arguments are the context of what happened. */
export type BuiltIn =
  | {
      readonly kind: 'webhook';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | {
      readonly kind: 'email';
      readonly to: readonly string[];
      readonly subject: string;
      readonly body: string;
      readonly connId: string;
    };

/** How the code of an attempt ended. */
export type Ending = {
  /** The name of a mapped instance; empty means its index. */
  readonly mapLabel?: string;
} & (
  | Returned
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | Waiting
);

/** The code returned. */
export type Returned = {
  readonly kind: 'returned';
  readonly xcoms: readonly { readonly key: string; readonly valueJson: string }[];
  readonly direction: Direction | undefined;
  readonly assetUpdates: readonly AssetUpdate[];
};

/** An asset that the task updated. */
export type AssetUpdate = {
  readonly asset: { readonly name: string; readonly uri: string };
  readonly extraJson: string;
  readonly alias: string;
  readonly partitionKey: string;
};

/** The code gave its slot back: the same try goes on later. */
export type Waiting =
  | {
      readonly kind: 'deferred';
      /** A TriggerSpec in protobuf's JSON form. */
      readonly trigger: ProtoJson;
      readonly timeoutMs: number | undefined;
      readonly method: string;
      readonly stateJson: string;
    }
  | { readonly kind: 'rescheduled'; readonly atMs: number }
  | {
      readonly kind: 'awaiting_input';
      /** A HumanInputSpec in protobuf's JSON form. */
      readonly question: ProtoJson;
      readonly method: string;
      readonly stateJson: string;
    };

/** Why an attempt failed. */
export type Failure = {
  readonly reason: 'exception' | 'timeout' | 'exited' | 'out_of_memory' | 'limit';
  readonly errorClass: string;
  /** The classes that it descends from, nearest first. */
  readonly errorAncestors: readonly string[];
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
  | 'triggerDagRun'
  | 'listAssetEvents'
  | 'getState'
  | 'setState'
  | 'deleteState';

/** A call without the attempt token, which only the supervisor holds. */
export type CallRequest = {
  readonly method: CallMethod;
  readonly input: { readonly [field: string]: JsonValue };
};

/** What became of a call. */
export type CallAnswer =
  | { readonly kind: 'ok'; readonly output: { readonly [field: string]: JsonValue } }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };
