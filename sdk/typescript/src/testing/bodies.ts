// What a test runs in the place of tasks' functions.
import { type Duration, durationMs } from '../author/values/duration.ts';
import type { JsonValue } from '../json.ts';
import { type BodyClock, broughtClock } from '../task/clock.ts';
import type { TaskBody, TaskContext } from '../task/context.ts';
import { FailTask, SkipTask } from '../task/outcomes.ts';
import { TestDagError } from './simulator.ts';

/**
 * What a test runs in place of a task's function: a function, or a list with one for each try, of
 * which the last one stays. It stands for the function inside `branch()` or `shortCircuit()`, but
 * for a `sensor()` as a whole.
 */
export type TestBody = TaskBody<never> | readonly TaskBody<never>[];

/** By task id; where several DAGs have the task, by `<dag_id>.<task_id>`. */
export type TestBodies = { readonly [task: string]: TestBody };

/** A body that returns a value. */
export function returns<Value extends JsonValue | undefined>(value: Value): () => Value {
  return () => value;
}

/** A body that fails; `isFinal` means that no retry follows. */
export function fails(message: string, { isFinal = false } = {}): () => never {
  return () => {
    throw isFinal ? new FailTask(message) : new Error(message);
  };
}

/** A body that is skipped. */
export function skips(reason = 'the test skips it'): () => never {
  return () => {
    throw new SkipTask(reason);
  };
}

/** A body that takes its time, on the virtual clock, before it ends as another one does. */
export function takes<Inputs, Output>(
  span: Duration,
  body: TaskBody<Inputs, Output | Promise<Output>>,
): TaskBody<Inputs, Promise<Output>> {
  const spanMs = durationMs(span);
  return async (context) => {
    await sleep(context, spanMs);
    context.signal.throwIfAborted();
    return await body(context);
  };
}

/** The context of a body, whatever its inputs are. */
type AnyContext = Omit<TaskContext, 'inputs'>;

/**
 * Lets virtual time pass in a body, one sleep at a time. Rejects with a TestDagError outside of a
 * test.
 */
export async function sleep(context: AnyContext, span: Duration): Promise<void> {
  await clockIn(context).sleep(durationMs(span), context.signal);
}

/** The virtual time for a body; throws a TestDagError outside of a test. */
export function now(context: AnyContext): Date {
  return new Date(clockIn(context).nowMs());
}

function clockIn(context: object): BodyClock {
  const clock = broughtClock(context);
  if (clock !== undefined) return clock;
  throw new TestDagError(
    'failed',
    'this context has no virtual clock; call it only in bodies that testDag() runs, with the ' +
      'context that they are given',
  );
}
