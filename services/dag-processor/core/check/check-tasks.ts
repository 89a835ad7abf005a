// Each task by itself: one thing to do, inputs that can be read, spans and dates that make sense.
import type { Duration } from '@bufbuild/protobuf/wkt';
import type { RetryPolicy, TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { FailureReason } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { readJson, UNSAFE_KEYS } from './check-json.ts';
import type { Check } from './dag-view.ts';
import { wordsOf } from '../enum-words.ts';
import { didYouMean } from '../nearest.ts';

/** What is wrong with the tasks, apart from their edges. */
export const checkTasks: Check = function* (view) {
  for (const task of view.dag.tasks) {
    for (const cause of causesOf(task)) yield view.ofTask(task, cause);
  }
};

/** Whether an id would be mistaken for a path or for a property of every object. */
export function isReservedId(id: string): boolean {
  return id === '.' || id === '..' || UNSAFE_KEYS.has(id);
}

/** What a span must be: `positive`, or `at least 0`; undefined when it is, or is absent. */
export function spanCause(
  name: string,
  span: Duration | undefined,
  least: 'positive' | 'at least 0',
): string | undefined {
  const spanMs = fromDuration(span);
  if (spanMs === undefined || spanMs >= (least === 'positive' ? 1e-6 : 0)) return undefined;
  return `has ${name} ${spanMs / 1_000} s; it must be ${least}`;
}

function* causesOf(task: TaskSpec): Iterable<string> {
  yield* inputCauses(task);
  if (isReservedId(task.taskId)) yield 'has a reserved id; rename it';
  yield* kindCauses(task);
  yield* roleCauses(task);
  const spans = [
    spanCause('execution_timeout', task.executionTimeout, 'positive'),
    spanCause('trigger_timeout', task.triggerTimeout, 'positive'),
    spanCause('sla', task.sla, 'positive'),
    spanCause('retry_delay', task.retry?.delay, 'at least 0'),
    spanCause('max_retry_delay', task.retry?.delayMax, 'at least 0'),
  ];
  yield* spans.filter((cause) => cause !== undefined);
  yield* retryCauses(task.retry);
  const startMs = fromTimestamp(task.startDate);
  const endMs = fromTimestamp(task.endDate);
  if (startMs !== undefined && endMs !== undefined && startMs > endMs) {
    yield 'has a start_date after its end_date; swap them';
  }
}

function* inputCauses(task: TaskSpec): Iterable<string> {
  const names = new Set<string>();
  for (const { name, source } of task.inputs) {
    if (names.has(name)) yield `has two inputs "${name}"; rename one`;
    if (UNSAFE_KEYS.has(name)) yield `has an input "${name}", a reserved name; rename it`;
    names.add(name);
    if (source.case !== 'valueJson') continue;
    const reading = readJson(source.value);
    if (reading.kind === 'bad') yield `has an input "${name}" that ${reading.cause}`;
  }
}

// A task runs code, or is one of the kinds that need none.
function* kindCauses(task: TaskSpec): Iterable<string> {
  const kinds = [
    ['a handler', task.handler !== ''],
    ['is_empty', task.isEmpty],
    ['is_latest_only', task.isLatestOnly],
    ['human_input', task.humanInput !== undefined],
    ['a trigger', task.trigger !== undefined],
  ] as const;
  const chosen = kinds.filter(([, isChosen]) => isChosen).map(([kind]) => kind);
  if (chosen.length === 0) {
    yield 'has no handler; say what the worker runs, or make it an empty task';
  }
  if (chosen.length > 1) {
    yield `has ${chosen.join(' and ')}, but can only be one of them; make two tasks of it`;
  }
  if (task.triggerTimeout !== undefined && task.trigger === undefined) {
    yield 'has trigger_timeout but no trigger; remove it, or use execution_timeout';
  }
}

function* roleCauses(task: TaskSpec): Iterable<string> {
  if (task.isSetup && task.isTeardown) {
    yield 'is both a setup and a teardown; make two tasks of it';
  }
  if (task.onFailureFailDagrun && !task.isTeardown) {
    yield 'has on_failure_fail_dagrun, which is for teardowns; remove it';
  }
}

/** What a retry rule may name: what workers report, and the loss of a worker. */
const REASONS: ReadonlySet<string> = new Set([...Object.keys(wordsOf(FailureReason)), 'lost']);

function* retryCauses(retry: RetryPolicy | undefined): Iterable<string> {
  for (const { reasons, delay } of retry?.rules ?? []) {
    const unknown = reasons.find((reason) => !REASONS.has(reason));
    if (unknown !== undefined) {
      const hint = didYouMean(unknown, REASONS) || `; it is one of ${[...REASONS].join(', ')}`;
      yield `has a retry rule for the reason "${unknown}", which is not known${hint}`;
    }
    const cause = spanCause('a retry rule whose delay is', delay, 'at least 0');
    if (cause !== undefined) yield cause;
  }
}
