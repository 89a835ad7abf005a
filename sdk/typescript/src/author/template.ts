// A task declared apart from any DAG, like a function with `@task`: written once, used in many
// places.
import type { JsonObject } from '../json.ts';
import type { TaskBody } from '../task/context.ts';
import type { TaskOptions } from './option/options.ts';

/** A task without a DAG; `d.task(template)` puts it into one. */
export type TaskTemplate<Inputs = JsonObject, Output = unknown> = {
  readonly kind: 'task_template';
  readonly taskId: string;
  readonly options: TaskOptions;
  readonly body: TaskBody<Inputs, Output>;
};

/**
 * Declares a task that DAGs can take up with `d.task(template)`. Export it to give it its own
 * handler name.
 */
export function task<Inputs = JsonObject, Output = unknown>(
  taskId: string,
  options: TaskOptions,
  body: TaskBody<Inputs, Output>,
): TaskTemplate<Inputs, Output>;
export function task<Inputs = JsonObject, Output = unknown>(
  taskId: string,
  body: TaskBody<Inputs, Output>,
): TaskTemplate<Inputs, Output>;
export function task<Inputs, Output>(
  taskId: string,
  second: TaskOptions | TaskBody<Inputs, Output>,
  third?: TaskBody<Inputs, Output>,
): TaskTemplate<Inputs, Output> {
  const [options, body] = typeof second === 'function' ? [{}, second] : [second, third];
  if (body === undefined) throw new TypeError(`task("${taskId}") needs a function`);
  return { kind: 'task_template', taskId, options, body };
}

/** Whether a value (an export of a DAG file, say) is a template. */
export function isTemplate(value: unknown): value is TaskTemplate<never> {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'task_template'
  );
}
