// What a task sees of its attempt: who it is, what it was given, and the calls it may make.
import type { JsonObject, JsonValue } from '../json.ts';

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
  readonly runType: 'scheduled' | 'manual' | (string & {});
  /** The instant the run is about; undefined for runs without a date. */
  readonly logicalDate: Date | undefined;
  /** The data the run covers, [start, end); undefined for runs without a date. */
  readonly dataInterval: { readonly start: Date; readonly end: Date } | undefined;
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

/** Which XCom: `key` is `return_value` by default, `mapIndex` −1. */
export type XComSource = {
  readonly taskId?: string;
  readonly key?: string;
  readonly mapIndex?: number;
};

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
