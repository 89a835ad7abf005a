// Declaring a DAG: `dag(id, options, (d) => { … })`, with `d.task` for its nodes.
import type { JsonObject } from '../json.ts';
import type { TaskBody } from '../task/context.ts';
import { type CallSite, callSites, describeSite } from './call-site.ts';
import { DagError } from './dag-error.ts';
import { dagFields } from './dag-fields.ts';
import { findCycle } from './edges.ts';
import type { DagOptions, RemoteTaskOptions, TaskOptions } from './options.ts';
import {
  connect,
  createTask,
  type DagIdentity,
  type Inputs,
  type InputsFor,
  isXComArg,
  type Resolved,
  type Task,
  type TaskDraft,
  type Work,
} from './task.ts';
import { taskFields } from './task-fields.ts';
import { isTemplate, type TaskTemplate } from './template.ts';

const TASKS_MAX = 10_000;
const ID = /^[A-Za-z0-9_.~:+@-]{1,250}$/;

/** A declared DAG; export it, or just declare it while the file is imported. */
export type Dag = { readonly dagId: string; readonly taskIds: readonly string[] };

/** What the declaration of a DAG is written with. */
export type DagBuilder = {
  /** A task whose code is this function; `options.inputs` are what it finds in `context.inputs`. */
  task<Output>(taskId: string, body: TaskBody<JsonObject, Output>): Task<Awaited<Output>>;
  task<I extends Inputs, Output>(
    taskId: string,
    options: TaskOptions & { readonly inputs?: I },
    body: TaskBody<Resolved<I>, Output>,
  ): Task<Awaited<Output>>;
  /** A task that the workers of another queue run; `handler` is its name there. */
  task<Output = unknown>(
    taskId: string,
    options: RemoteTaskOptions & { readonly inputs?: Inputs },
  ): Task<Output>;
  /** A task declared with `task()`, here under its own id or another one. */
  task<I, Output>(
    template: TaskTemplate<I, Output>,
    options?: TaskOptions & { readonly taskId?: string; readonly inputs?: InputsFor<I> },
  ): Task<Awaited<Output>>;
  /** A task without code, for joining edges; it succeeds at once and no worker sees it. */
  emptyTask(taskId: string, options?: TaskOptions): Task<undefined>;
};

/** What the SDK knows of a DAG. */
export type DagDraft = DagIdentity & {
  readonly defaultArgs: TaskOptions;
  readonly fields: ReturnType<typeof dagFields>;
  readonly tasks: Map<string, TaskDraft>;
  readonly sites: readonly CallSite[];
};

type TaskParts = {
  readonly taskId: string;
  readonly options: TaskOptions & { readonly inputs?: Inputs };
  readonly work: Work;
};

const DRAFTS = new WeakMap<Dag, DagDraft>();
const declared: Dag[] = [];

/**
 * Declares a DAG. `declare` is called at once and adds the tasks. Throws a DagError that names the
 * author's line when an id is bad or taken, an input is no JSON, or the edges make a cycle.
 */
export function dag(dagId: string, options: DagOptions, declare: (d: DagBuilder) => void): Dag {
  requireId('DAG', dagId);
  const draft: DagDraft = {
    dagId,
    defaultArgs: options.defaultArgs ?? {},
    fields: dagFields(dagId, options),
    tasks: new Map(),
    sites: callSites(),
    isClosed: false,
  };
  declare(builderOf(draft));
  draft.isClosed = true;
  requireNoCycle(draft);
  const made: Dag = Object.freeze({ dagId, taskIds: [...draft.tasks.keys()] });
  DRAFTS.set(made, draft);
  declared.push(made);
  return made;
}

/** The draft behind a DAG. */
export function draftOfDag(made: Dag): DagDraft {
  const draft = DRAFTS.get(made);
  if (draft === undefined) throw new DagError(`${String(made)} was not made by dag()`);
  return draft;
}

/** Whether a value (an export of a DAG file, say) is a DAG. */
export function isDag(value: unknown): value is Dag {
  return typeof value === 'object' && value !== null && DRAFTS.has(value as Dag);
}

/** The DAGs declared since the last call, in order. */
export function takeDeclared(): readonly Dag[] {
  return declared.splice(0);
}

function builderOf(draft: DagDraft): DagBuilder {
  return {
    task: (
      first: string | TaskTemplate<never>,
      second?: BuilderOptions | TaskBody<never>,
      third?: TaskBody<never>,
    ) => addTask(draft, partsOf(first, second, third)) as Task<never>,
    emptyTask: (taskId, options = {}) =>
      addTask(draft, { taskId, options, work: { kind: 'empty' } }) as Task<undefined>,
  };
}

type BuilderOptions = TaskOptions & {
  readonly inputs?: Inputs;
  readonly handler?: string;
  readonly taskId?: string;
};

/** Sorts out the four ways of calling `d.task`. */
function partsOf(
  first: string | TaskTemplate<never>,
  second: BuilderOptions | TaskBody<never> | undefined,
  third: TaskBody<never> | undefined,
): TaskParts {
  if (isTemplate(first)) {
    const given = typeof second === 'object' ? second : {};
    const options = { ...first.options, ...given };
    return { taskId: given.taskId ?? first.taskId, options, work: bodyWork(first.body) };
  }
  if (typeof second === 'function') {
    return { taskId: first, options: {}, work: bodyWork(second) };
  }
  const options = second ?? {};
  if (third !== undefined) return { taskId: first, options, work: bodyWork(third) };
  if (options.handler === undefined) {
    throw new DagError(
      `task "${first}" has neither a function nor a handler; ` +
        'use d.emptyTask() for one without code',
    );
  }
  return { taskId: first, options, work: { kind: 'remote', handler: options.handler } };
}

function bodyWork(body: TaskBody<never>): Work {
  return { kind: 'body', body };
}

function addTask(dagDraft: DagDraft, { taskId, options, work }: TaskParts): Task {
  requireId('task', taskId);
  if (dagDraft.isClosed) {
    throw new DagError(
      `DAG "${dagDraft.dagId}" is complete; ` +
        `declare task "${taskId}" inside the function given to dag()`,
    );
  }
  const twin = dagDraft.tasks.get(taskId);
  if (twin !== undefined) {
    throw new DagError(
      `DAG "${dagDraft.dagId}" already has a task "${taskId}" ` +
        `(declared at ${describeSite(twin.sites[0])}); give this one another id`,
    );
  }
  if (dagDraft.tasks.size >= TASKS_MAX) {
    throw new DagError(`DAG "${dagDraft.dagId}" has more than ${TASKS_MAX} tasks`);
  }
  const inputs = options.inputs ?? {};
  const draft: TaskDraft = {
    dag: dagDraft,
    taskId,
    fields: taskFields(taskId, { ...dagDraft.defaultArgs, ...options }, inputs),
    work,
    upstream: new Set(),
    sites: callSites(),
  };
  const task = createTask<unknown>(draft);
  for (const value of Object.values(inputs)) if (isXComArg(value)) connect(value.task, task);
  dagDraft.tasks.set(taskId, draft);
  return task;
}

function requireId(what: 'DAG' | 'task', id: string): void {
  if (ID.test(id)) return;
  throw new DagError(
    `"${id}" cannot be the id of a ${what}; ` +
      'use 1 to 250 of the characters A-Z a-z 0-9 _ . ~ : + @ -',
  );
}

function requireNoCycle(draft: DagDraft): void {
  const cycle = findCycle(draft.tasks);
  if (cycle === undefined) return;
  const site = draft.tasks.get(cycle[0] ?? '')?.sites[0];
  throw new DagError(
    `the tasks of DAG "${draft.dagId}" wait for each other in a circle: ${cycle.join(' → ')}`,
    { site },
  );
}
