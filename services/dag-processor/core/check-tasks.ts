// Each task by itself: code to run, inputs that can be read, spans that make sense, safe names.
import { type DagSpec, type TaskSpec, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { lineOfTask } from './check-graph.ts';
import { readJson, UNSAFE_KEYS } from './check-json.ts';
import type { Problem } from './import-error.ts';

/** What is wrong with the tasks, apart from their edges. */
export function checkTasks(dag: DagSpec): Problem[] {
  return dag.tasks.flatMap((task) =>
    causesOf(task).map((cause) => ({
      line: lineOfTask(task),
      cause: `task "${task.taskId}" ${cause}`,
    })),
  );
}

/** Whether an id would be mistaken for a path or for a property of every object. */
export function isReservedId(id: string): boolean {
  return id === '.' || id === '..' || UNSAFE_KEYS.has(id);
}

function causesOf(task: TaskSpec): string[] {
  const causes = inputCauses(task);
  if (isReservedId(task.taskId)) causes.push('has a reserved id; rename it');
  if (task.handler === '' && !task.isEmpty) {
    causes.push('has no handler; say what the worker runs, or make it an empty task');
  }
  if (task.triggerRule === TriggerRule.ALL_DONE_SETUP_SUCCESS) {
    causes.push(
      'has the trigger rule all_done_setup_success, which only teardowns get, by themselves',
    );
  }
  const spans = [
    ['execution_timeout', task.executionTimeout, 1e-6],
    ['retry_delay', task.retry?.delay, 0],
    ['max_retry_delay', task.retry?.delayMax, 0],
  ] as const;
  for (const [name, span, leastMs] of spans) {
    const spanMs = fromDuration(span);
    if (spanMs === undefined || spanMs >= leastMs) continue;
    causes.push(
      `has ${name} ${spanMs / 1_000} s; it must be ${leastMs > 0 ? 'positive' : 'at least 0'}`,
    );
  }
  return causes;
}

function inputCauses(task: TaskSpec): string[] {
  const causes: string[] = [];
  const names = new Set<string>();
  for (const { name, source } of task.inputs) {
    if (names.has(name)) causes.push(`has two inputs "${name}"; rename one`);
    if (UNSAFE_KEYS.has(name)) causes.push(`has an input "${name}", a reserved name; rename it`);
    names.add(name);
    if (source.case !== 'valueJson') continue;
    const reading = readJson(source.value);
    if (reading.kind === 'bad') causes.push(`has an input "${name}" that ${reading.cause}`);
  }
  return causes;
}
