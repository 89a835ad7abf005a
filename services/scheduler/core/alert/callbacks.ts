// Callbacks: what is done when a task or a run comes to a state. Each is a run of its own with one
// task, so it is leased, tried again, logged and explained like any other work.
import { create, fromJsonString, toJsonString } from '@bufbuild/protobuf';
import {
  CallbackEvent,
  type CallbackSpec,
  CallbackSpecSchema,
} from '#gen/dagmesh/dag/v1/alert_pb.ts';
import {
  DagSpecSchema,
  RetryPolicySchema,
  TaskInputSchema,
  type TaskSpec,
  TaskSpecSchema,
} from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { DagVersionRecordSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { AttemptFailure } from '../attempt/attempt.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import { compileVersion } from '../graph/compile-version.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import type { Moment } from '../picture.ts';
import type { Run } from '../run/run.ts';
import type { Instance } from '../instance.ts';
import { createRun } from '../run/runs.ts';
import { isoInstant } from '../run/run-ids.ts';
import {
  DagRunState,
  nameOfRunState,
  nameOfRunType,
  nameOfState,
  TaskInstanceState,
} from '../state.ts';

/** What a callback is told, as JSON. */
export type CallbackContext = Readonly<Record<string, unknown>>;

/** Further tries of a callback. */
const RETRIES = 3;
const RETRY_DELAY_MS = 10_000;
/** The one task of a callback run. */
const TASK_ID = 'callback';

/**
 * The event that the state of an instance is which ended by its own doing; undefined when it is
 * none.
 */
export function eventOfInstance({ state }: Instance): CallbackEvent | undefined {
  switch (state) {
    case TaskInstanceState.SUCCESS:
      return CallbackEvent.SUCCESS;
    case TaskInstanceState.FAILED:
      return CallbackEvent.FAILURE;
    case TaskInstanceState.UP_FOR_RETRY:
      return CallbackEvent.RETRY;
    case TaskInstanceState.SKIPPED:
      return CallbackEvent.SKIPPED;
    default:
      return undefined;
  }
}

/** Starts the callbacks that wait for an event. */
export function callBack(
  deciding: Deciding,
  moment: Moment,
  about: {
    readonly run: Run;
    readonly specs: readonly CallbackSpec[];
    readonly event: CallbackEvent;
    readonly context: CallbackContext;
  },
): void {
  const { run, specs, event, context } = about;
  for (const spec of specs) {
    if (spec.event !== event) continue;
    const told = { ...context, event: nameOfEvent(event) };
    startCallback(
      deciding,
      moment,
      { dag: run.dag, version: run.version, of: run.runId },
      spec,
      told,
    );
  }
}

/** Starts one callback; `of` is the run that it is about. */
export function startCallback(
  deciding: Deciding,
  moment: Moment,
  about: { readonly dag: Dag; readonly version: DagVersion; readonly of: string },
  spec: CallbackSpec,
  context: CallbackContext,
): void {
  const confJson = JSON.stringify({
    callback: JSON.parse(toJsonString(CallbackSpecSchema, spec)),
    context,
  });
  createRun(deciding, moment, about.dag, {
    runId: `callback__${moment.newId()}`,
    runType: RunType.CALLBACK,
    logicalDateMs: undefined,
    intervalStartMs: undefined,
    intervalEndMs: undefined,
    runAfterMs: moment.nowMs,
    confJson,
    triggeredBy: 'callback',
    callbackOfRunId: about.of,
    version: callbackVersion(about.version, confJson),
  });
}

/** The version that a callback run has: one task, which does what its params say. */
export function callbackVersion(version: DagVersion, confJson: string): DagVersion {
  const { dagVersionId, dagId, dagFile, bundleName, bundleVersion } = version;
  const conf: unknown = JSON.parse(confJson);
  const { callback, context } = conf as { callback: unknown; context: CallbackContext };
  const spec = fromJsonString(CallbackSpecSchema, JSON.stringify(callback));
  const compiled = compileVersion(
    create(DagVersionRecordSchema, {
      ...{ dagVersionId, dagId, dagFile, bundleName, bundleVersion },
      spec: create(DagSpecSchema, { dagId, tasks: [taskFor(spec, context)] }),
    }),
  );
  const tasks = compiled.tasks.map((task) => ({ ...task, action: spec.action }));
  return { ...compiled, tasks, isWhole: false };
}

/** What a callback is told of a run. */
export function contextOfRun(run: Run): CallbackContext {
  const instant = (ms: number | undefined) => (ms === undefined ? null : isoInstant(ms));
  return {
    dag_id: run.dag.dagId,
    run_id: run.runId,
    run_type: nameOfRunType(run.runType),
    state: nameOfRunState(run.state),
    reason: run.stateReason || (run.state === DagRunState.SUCCESS ? 'success' : ''),
    logical_date: instant(run.logicalDateMs),
    data_interval_start: instant(run.intervalStartMs),
    data_interval_end: instant(run.intervalEndMs),
    start_date: instant(run.startMs),
    end_date: instant(run.endMs),
    params: JSON.parse(run.confJson || '{}'),
  };
}

/** What a callback is told of a task instance; `error` is why its last try failed. */
export function contextOfInstance(instance: Instance, error?: AttemptFailure): CallbackContext {
  const { run, task } = instance;
  return {
    ...contextOfRun(run),
    task_id: task.taskId,
    map_index: instance.mapIndex,
    try_number: instance.tryNumber,
    tries_max: instance.triesMax,
    state: nameOfState(instance.state),
    reason: instance.stateReason,
    exception: error === undefined ? null : wordsOf(error),
    worker_attempt_id: instance.attemptId,
  };
}

function wordsOf({ errorClass, message }: AttemptFailure): string {
  return errorClass === '' ? message : `${errorClass}: ${message}`;
}

function taskFor(spec: CallbackSpec, context: CallbackContext): TaskSpec {
  const { action } = spec;
  const connections = action.case === 'email' ? [action.value.connId || 'smtp_default'] : [];
  const inputs = Object.entries(context).map(([name, value]) =>
    create(TaskInputSchema, {
      name,
      source: { case: 'valueJson', value: JSON.stringify(value ?? null) },
    }),
  );
  return create(TaskSpecSchema, {
    taskId: TASK_ID,
    handler: action.case === 'handler' ? action.value : '',
    queue: spec.queue || 'default',
    inputs,
    retry: create(RetryPolicySchema, {
      retries: RETRIES,
      delay: toDuration(RETRY_DELAY_MS),
      exponentialBackoff: 2,
    }),
    connections,
  });
}

/** An event as callbacks are told of it, e.g. `failure`. */
export function nameOfEvent(event: CallbackEvent): string {
  return EVENT_NAMES.get(event) ?? '';
}

const EVENT_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(CallbackEvent).map(([name, value]) => [value, name.toLowerCase()]),
);
