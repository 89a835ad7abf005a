// What is run for a task in a test: the DAG's own functions, or what the test puts in their place.
import { type Dag, draftOfDag } from '../author/dag.ts';
import { type Duration, durationMs } from '../author/duration.ts';
import type { JsonValue } from '../json.ts';
import type { TaskBody, TaskContext } from '../task/context.ts';
import { FailTask, SkipTask } from '../task/outcomes.ts';
import { sensorSettings } from '../task/sensor.ts';
import { TestDagError } from './simulator.ts';
import type { VirtualClock } from './virtual-time.ts';

/** What a test runs in place of a task's function: a function, or one for each try. */
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
  return async (context) => {
    await sleep(context, span);
    context.signal.throwIfAborted();
    return await body(context);
  };
}

/** The context of a body, whatever its inputs are. */
type AnyContext = Omit<TaskContext, 'inputs'>;

const CLOCKS = new WeakMap<object, VirtualClock>();

/** Gives a context its clock. */
export function setClock(context: object, clock: VirtualClock): void {
  CLOCKS.set(context, clock);
}

/** Lets virtual time pass in a body; throws a TestDagError outside of a test. */
export async function sleep(context: AnyContext, span: Duration): Promise<void> {
  await clockOf(context).sleep(durationMs(span));
}

/** The virtual time for a body. */
export function now(context: AnyContext): Date {
  return new Date(clockOf(context).nowMs());
}

function clockOf(context: object): VirtualClock {
  const clock = CLOCKS.get(context);
  if (clock !== undefined) return clock;
  throw new TestDagError('failed', 'the context is none that testDag() gave to a body');
}

/** Which code is wanted. */
export type Wanted = {
  readonly dagId: string;
  readonly taskId: string;
  readonly tryNumber: number;
  readonly handler: string;
};

/** The code of the DAGs under test. */
export type Cast = {
  /** The body of a task's try; a sentence when there is none. */
  bodyOf(wanted: Wanted): TaskBody<never> | string;
  /** A function of the author by its handler; undefined when there is none. */
  functionOf(handler: string): ((given: unknown) => unknown) | undefined;
};

/** The code of DAGs with what a test puts in its place. Throws a TestDagError for unknown tasks. */
export function createCast(dags: readonly Dag[], instead: TestBodies): Cast {
  const bodies = new Map<string, TaskBody<never>>();
  const functions = new Map<string, (given: unknown) => unknown>();
  const taskNames = new Set<string>();
  for (const dag of dags) {
    const draft = draftOfDag(dag);
    for (const [taskId, { work }] of draft.tasks) {
      for (const name of [taskId, `${dag.dagId}.${taskId}`]) taskNames.add(name);
      if (work.kind === 'body') bodies.set(`${dag.dagId}.${taskId}`, work.body);
    }
    for (const [named, name] of draft.functions) {
      functions.set(name, named as (given: unknown) => unknown);
    }
  }
  const strange = Object.keys(instead).find((name) => !taskNames.has(name));
  if (strange !== undefined) {
    const known = dags.flatMap(({ taskIds }) => taskIds).join(', ');
    throw new TestDagError('task_not_found', `there is no task "${strange}", but ${known}`);
  }
  const named = (handler: string) => handler.slice(handler.indexOf(':') + 1);
  return {
    functionOf: (handler) => functions.get(named(handler)),
    bodyOf: ({ dagId, taskId, tryNumber, handler }) => {
      const body =
        ofTry(instead[`${dagId}.${taskId}`] ?? instead[taskId], tryNumber) ??
        bodies.get(`${dagId}.${taskId}`) ??
        functions.get(named(handler));
      if (body !== undefined) return body as TaskBody<never>;
      return (
        `task "${taskId}" runs "${handler}", which this process does not have; ` +
        `put a function in its place: bodies: { '${taskId}': … }`
      );
    },
  };
}

/** Whether a body waits on the SDK's clock. */
export function isSensor(body: TaskBody<never>): boolean {
  return sensorSettings(body) !== undefined;
}

function ofTry(body: TestBody | undefined, tryNumber: number): TaskBody<never> | undefined {
  if (body === undefined || typeof body === 'function') return body;
  return body[Math.min(tryNumber, body.length) - 1];
}
