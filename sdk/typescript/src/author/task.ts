// Tasks as authors hold them: nodes with an output, and the edges between them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TaskSpecSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import type { TaskBody } from '../task/context.ts';
import type { CallSite } from './call-site.ts';
import { DagError } from './dag-error.ts';

/** A task of one DAG. */
export type Task<Output = unknown> = {
  readonly dagId: string;
  readonly taskId: string;
  /**
   * What the task returns; giving it to another task as an input makes that task wait for this one.
   */
  readonly output: XComArg<Output>;
  /** A value the task pushes under a key of its own. */
  xcom<Value = unknown>(key: string): XComArg<Value>;
  /** These tasks run before this one. */
  upstream(...tasks: readonly Task[]): void;
  /** These tasks run after this one. */
  downstream(...tasks: readonly Task[]): void;
};

declare const produces: unique symbol;

/** A value that a task will have pushed by the time another one runs. */
export type XComArg<Value = unknown> = {
  readonly kind: 'xcom';
  readonly task: Task;
  readonly key: string;
  readonly [produces]?: Value;
};

/** Arguments by name: XComs of upstream tasks, or literals that JSON can say. */
export type Inputs = { readonly [name: string]: unknown };

/** What a body sees of its arguments: every XCom replaced by its value. */
export type Resolved<I extends Inputs> = {
  readonly [Name in keyof I]: I[Name] extends XComArg<infer Value> ? Value : I[Name];
};

/** What must be given to a body that wants `I`: the value itself, or an XCom of that type. */
export type InputsFor<I> = { readonly [Name in keyof I]: I[Name] | XComArg<I[Name]> };

/** What the SDK knows of a task while its DAG is being declared. */
export type TaskDraft = {
  readonly dag: DagIdentity;
  readonly taskId: string;
  readonly fields: MessageInitShape<typeof TaskSpecSchema>;
  readonly work: Work;
  readonly upstream: Set<string>;
  readonly sites: readonly CallSite[];
};

/** What a task runs: code of this file, a handler of another worker, or nothing. */
export type Work =
  | { readonly kind: 'body'; readonly body: TaskBody<never> }
  | { readonly kind: 'remote'; readonly handler: string }
  | { readonly kind: 'empty' };

/** The DAG a task belongs to; closed once its declaration has run. */
export type DagIdentity = { readonly dagId: string; isClosed: boolean };

const DRAFTS = new WeakMap<Task, TaskDraft>();

/** The task an author gets for a draft. */
export function createTask<Output>(draft: TaskDraft): Task<Output> {
  const task: Task<Output> = {
    dagId: draft.dag.dagId,
    taskId: draft.taskId,
    get output() {
      return xcomOf<Output>(task, 'return_value');
    },
    xcom: (key) => xcomOf(task, key),
    upstream: (...tasks) => tasks.forEach((before) => connect(before, task)),
    downstream: (...tasks) => tasks.forEach((after) => connect(task, after)),
  };
  DRAFTS.set(task, draft);
  return Object.freeze(task);
}

/** The draft behind a task. Throws a DagError for anything that is no task. */
export function draftOf(task: Task): TaskDraft {
  const draft = DRAFTS.get(task);
  if (draft === undefined) {
    throw new DagError(`${String(task)} is not a task of any DAG; give what d.task() returned`);
  }
  return draft;
}

/** Makes `after` wait for `before`. Throws a DagError when they cannot be in one graph. */
export function connect(before: Task, after: Task): void {
  const from = draftOf(before);
  const to = draftOf(after);
  if (from.dag !== to.dag) {
    throw new DagError(
      `task "${to.taskId}" of DAG "${to.dag.dagId}" cannot wait for ` +
        `task "${from.taskId}" of DAG "${from.dag.dagId}"; edges stay within one DAG`,
    );
  }
  if (from === to) throw new DagError(`task "${to.taskId}" cannot wait for itself`);
  if (to.dag.isClosed) {
    throw new DagError(
      `DAG "${to.dag.dagId}" is complete; declare its edges inside the function given to dag()`,
    );
  }
  to.upstream.add(from.taskId);
}

/** Whether an input is the output of a task. */
export function isXComArg(value: unknown): value is XComArg {
  return typeof value === 'object' && value !== null && 'task' in value && isTask(value.task);
}

function isTask(value: unknown): boolean {
  return typeof value === 'object' && value !== null && DRAFTS.has(value as Task);
}

function xcomOf<Value>(task: Task, key: string): XComArg<Value> {
  if (key.length < 1 || key.length > 512) {
    throw new DagError(`an XCom key has 1 to 512 characters; this one has ${key.length}`);
  }
  return { kind: 'xcom', task, key };
}
