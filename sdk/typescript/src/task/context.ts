// What a task sees of its attempt: who it is, what it was given, and the calls it may make.
import type { JsonObject, JsonValue } from '../json.ts';
import type { AssetEvents, AssetEvent, OutletEvents } from './assets.ts';
import type { States } from './state.ts';

/** Everything a task body receives. `Inputs` are its resolved arguments. */
export type TaskContext<Inputs = JsonObject> = {
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  /** Index of a mapped instance, −1 otherwise. */
  readonly mapIndex: number;
  /** The try, from 1. */
  readonly tryNumber: number;
  /** Further tries after the first that are allowed. */
  readonly triesMax: number;
  /** Unique for ever: the idempotency key for effects outside the mesh. */
  readonly attemptId: string;
  /** Fencing number: higher than that of every earlier attempt of this task instance. */
  readonly epoch: number;
  readonly runType: RunTypeName;
  /** The instant the run is about; undefined for runs without a date. */
  readonly logicalDate: Date | undefined;
  /** The data the run covers, [start, end); undefined for runs without a date. */
  readonly dataInterval: { readonly start: Date; readonly end: Date } | undefined;
  /** Earliest instant the run was allowed to run. */
  readonly runAfter: Date | undefined;
  /** The part of the data the run is about; undefined means none. */
  readonly partitionKey: string | undefined;
  /** Instances of the task in this run; 1 when it is not mapped. */
  readonly expandedTiCount: number;
  /** What the task goes on with after it waited; undefined in a fresh try. */
  readonly resume: Resume | undefined;
  /** When it first began to wait as a sensor in this run; undefined when it has not. */
  readonly waitingSince: Date | undefined;
  /** How often it was rescheduled in this try. */
  readonly reschedulesCount: number;
  /** The updates of assets that started the run. */
  readonly triggeringAssetEvents: readonly AssetEvent[];
  /** The run's params with defaults merged in. */
  readonly params: { readonly [name: string]: JsonValue };
  /** The task's arguments: literals and upstream XComs, resolved. */
  readonly inputs: Inputs;
  /** Aborted when the attempt must end: a cancel, the execution timeout, or the worker leaving. */
  readonly signal: AbortSignal;
  /** Lines for the task's log; `console` goes there too. */
  readonly log: TaskLog;
  readonly xcom: XComs;
  readonly variables: Variables;
  /** What this task instance, or an asset, keeps over tries and runs. */
  readonly state: States;
  /** Says which assets the task updated, beside its outlets, or more about them. */
  readonly outletEvents: OutletEvents;
  /** Earlier updates of assets. */
  readonly assetEvents: AssetEvents;
  /**
   * A connection the task declared in `connections`. Rejects with a CallError (`not_found`,
   * `permission_denied`).
   */
  conn(connId: string): Promise<Connection>;
  /**
   * Triggers a run of a DAG and answers its run id; a retried call with the same `key` triggers
   * only once.
   */
  triggerDagRun(dagId: string, options?: TriggerOptions): Promise<string>;
  /**
   * The states of this run's tasks in lower case, by task id (`task_id[map_index]` for mapped
   * ones).
   */
  taskStates(): Promise<{ readonly [taskId: string]: string }>;
};

/** Writes lines as `console` does: any values, formatted and joined by blanks. */
export type TaskLog = {
  debug(...values: readonly unknown[]): void;
  info(...values: readonly unknown[]): void;
  warn(...values: readonly unknown[]): void;
  error(...values: readonly unknown[]): void;
};

/** Values passed between the tasks of one run; JSON, at most 256 KiB each. */
export type XComs = {
  /** Stores a value under a key; others see it once this attempt has succeeded. */
  push(key: string, value: unknown): Promise<void>;
  /** A value of a task of this run (this task when none is named); undefined when there is none. */
  pull<T = JsonValue>(source?: XComSource): Promise<T | undefined>;
  /** The keys a task has pushed; at most 1,000. */
  list(taskId?: string): Promise<readonly string[]>;
  /** Deletes a value this attempt pushed. */
  delete(key: string): Promise<void>;
};

/**
 * Which XCom: `key` is `return_value` by default. Of a mapped task without index: all, as a list.
 */
export type XComSource = {
  readonly taskId?: string;
  readonly key?: string;
  /** One instance of a mapped task. */
  readonly mapIndex?: number;
  /** Several instances; the answer is a list in this order, with null where nothing was pushed. */
  readonly mapIndexes?: readonly number[];
  /** Another DAG's value; this DAG's by default. */
  readonly dagId?: string;
  /** Another run's value; this run's by default. */
  readonly runId?: string;
  /** True: when this run has none, the latest of an earlier logical date. */
  readonly includePriorDates?: boolean;
  /** Part of the list of a mapped task's values, as Python slices it. */
  readonly slice?: { readonly start?: number; readonly stop?: number; readonly step?: number };
  /**
   * One element of that list; a negative one counts from its end. Outside of the list the pull
   * rejects with a CallError `not_found`. Goes with neither slice nor indexes.
   */
  readonly offset?: number;
};

/** What a task goes on with after it waited. */
export type Resume = {
  /** The name it gave when it began to wait. */
  readonly method: string;
  /** The state it gave. */
  readonly state: JsonValue;
  /** The event that ended the wait; undefined when the wait failed, or people were asked. */
  readonly event: JsonValue | undefined;
  /** Why the wait failed: `trigger_timeout`, or what the trigger said. */
  readonly error: string | undefined;
  /** The answer of people, when they were asked. */
  readonly response: HumanResponse | undefined;
};

/** An answer of people. */
export type HumanResponse = {
  readonly chosenOptions: readonly string[];
  /** The form as it was filled in. */
  readonly params: JsonObject;
  /** Who answered; `timeout` when the defaults were taken. */
  readonly respondedBy: string;
  readonly respondedAt: Date | undefined;
};

/** What created a run. */
export type RunTypeName =
  | 'scheduled'
  | 'manual'
  | 'backfill'
  | 'asset_triggered'
  | 'asset_materialization'
  | 'callback'
  | (string & {});

/** The installation's variables; values are text of at most 256 KiB. */
export type Variables = {
  /** A variable's value; undefined when there is none. */
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, options?: { readonly description?: string }): Promise<void>;
  /** Deletes a variable; one that does not exist is no error. */
  delete(key: string): Promise<void>;
};

/** How a run is triggered. */
export type TriggerOptions = {
  /** Params of the new run. */
  readonly conf?: JsonObject;
  readonly logicalDate?: Date;
  /** Chosen by the task; `manual__<now>` by default. */
  readonly runId?: string;
  /** Tells apart the triggers of one attempt; by default their order. */
  readonly key?: string;
};

/** Where an outside system is and how to sign in to it. */
export type Connection = {
  readonly connId: string;
  /** E.g. `postgres`, `http`. */
  readonly connType: string;
  readonly host: string;
  /** Database, bucket, path: what the type calls its schema. */
  readonly schema: string;
  readonly login: string;
  /** Masked in every log line of the task. */
  readonly password: string;
  /** Undefined when the connection names none. */
  readonly port: number | undefined;
  readonly extra: JsonObject;
};

/** The code of a task: what it returns becomes its XCom `return_value`. */
export type TaskBody<Inputs = JsonObject, Output = unknown> = (
  context: TaskContext<Inputs>,
) => Output;
