// Runs as a test sees them.
import type { JsonObject, JsonValue } from '../json.ts';
import type { LogLine } from './performer.ts';

/** One try at a task instance. */
export type TestTry = {
  /** From 1. */
  readonly number: number;
  /** `running`, `success`, `failed`, `skipped`, `waiting` … */
  readonly state: string;
  readonly start: Date | undefined;
  /** Undefined while it runs. */
  readonly end: Date | undefined;
  /** Empty unless it failed. */
  readonly error: string;
};

/** A run as it stood when it was asked for. Tasks by name: `load`, or `load[3]` of a mapped one. */
export type TestRun = {
  readonly dagId: string;
  readonly runId: string;
  readonly runType: string;
  readonly state: 'queued' | 'running' | 'success' | 'failed';
  /** Why it failed, where the scheduler says so. */
  readonly reason: string;
  readonly partitionKey: string;
  readonly params: JsonObject;
  readonly logicalDate: Date | undefined;
  readonly dataInterval: { readonly start: Date; readonly end: Date } | undefined;
  readonly runAfter: Date | undefined;
  readonly start: Date | undefined;
  readonly end: Date | undefined;
  /** States in lower case, e.g. `upstream_failed`. */
  readonly tasks: { readonly [task: string]: string };
  /** Names of mapped instances that have one. */
  readonly labels: { readonly [task: string]: string };
  /** The attempts of each instance; a try that waited has several. */
  readonly tries: { readonly [task: string]: readonly TestTry[] };
  /** What succeeded tasks pushed, by key; `return_value` is what they returned. */
  readonly xcoms: { readonly [task: string]: { readonly [key: string]: JsonValue } };
  /** Of a run that is not over: what each unfinished task waits for, in a sentence. */
  readonly waits: { readonly [task: string]: string };
  /** What tasks wrote with `context.log`; what they print goes where the test prints. */
  readonly log: readonly LogLine[];
};

/** The run behind what the simulator told. */
export function testRunOf(told: JsonObject, log: readonly LogLine[]): TestRun {
  const start = dateIn(told, 'data_interval_start_ms');
  const end = dateIn(told, 'data_interval_end_ms');
  return {
    dagId: String(told['dag_id']),
    runId: String(told['run_id']),
    runType: String(told['run_type']),
    state: String(told['state']) as TestRun['state'],
    reason: String(told['reason']),
    partitionKey: String(told['partition_key']),
    params: told['params'] as JsonObject,
    logicalDate: dateIn(told, 'logical_date_ms'),
    dataInterval: start === undefined || end === undefined ? undefined : { start, end },
    runAfter: dateIn(told, 'run_after_ms'),
    start: dateIn(told, 'start_ms'),
    end: dateIn(told, 'end_ms'),
    tasks: told['tasks'] as TestRun['tasks'],
    labels: told['labels'] as TestRun['labels'],
    tries: triesOf(told['tries'] as JsonObject),
    xcoms: told['xcoms'] as TestRun['xcoms'],
    waits: told['waits'] as TestRun['waits'],
    log,
  };
}

function triesOf(told: JsonObject): TestRun['tries'] {
  const tries = Object.entries(told) as [string, readonly JsonObject[]][];
  return Object.fromEntries(tries.map(([task, each]) => [task, each.map(tryOf)]));
}

function tryOf(told: JsonObject): TestTry {
  return {
    number: Number(told['number']),
    state: String(told['state']),
    start: dateIn(told, 'start_ms'),
    end: dateIn(told, 'end_ms'),
    error: String(told['error']),
  };
}

function dateIn(told: JsonObject, name: string): Date | undefined {
  return told[name] === undefined ? undefined : new Date(Number(told[name]));
}
