// Tasks as authors hold them: nodes with an output, a role, and edges between them.
import { DagError } from './checks/dag-error.ts';
import type { TaskDraft } from './draft.ts';
import type { GroupArgument } from './graph/group-argument.ts';
import { connect, type DagNode, draftOf, registerNode } from './graph/node.ts';
import { requireShapes, type Shapes } from './checks/shapes.ts';
import { type XComArg, xcomOf } from './graph/xcom-arg.ts';

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
  /** These run before this one. */
  upstream(...nodes: readonly DagNode[]): void;
  /** These run after this one. */
  downstream(...nodes: readonly DagNode[]): void;
  /** The task prepares something for the tasks between it and its teardowns. */
  asSetup(): Task<Output>;
  /**
   * The task cleans up after its setups, which become setups and run before it. It runs when one of
   * them succeeded, whatever became of the tasks between.
   */
  asTeardown(options?: TeardownOptions): Task<Output>;
};

/** What may be said of a teardown. */
export type TeardownOptions = {
  /** What it cleans up after. */
  readonly setups?: Task | readonly Task[];
  /**
   * True: its failure fails the run, and then it alone speaks for the tasks before it: when it
   * succeeds, the run does, whatever became of them. False (default): the run follows the tasks.
   */
  readonly onFailureFailDagrun?: boolean;
};

const TEARDOWN_SHAPES: Shapes<TeardownOptions> = { setups: 'any', onFailureFailDagrun: 'flag' };

/** Arguments by name: XComs of upstream tasks, arguments of groups, or literals JSON can say. */
export type Inputs = { readonly [name: string]: unknown };

/** What a body sees of its arguments: every reference replaced by its value. */
export type Resolved<I extends Inputs> = {
  readonly [Name in keyof I]: I[Name] extends XComArg<infer Value>
    ? Value
    : I[Name] extends GroupArgument<infer Value>
      ? Value
      : I[Name];
};

/** What must be given to a body that wants `I`: the values themselves, or references to them. */
export type InputsFor<I> = {
  readonly [Name in keyof I]: I[Name] | XComArg<I[Name]> | GroupArgument<I[Name]>;
};

/** The task an author gets for a draft. */
export function createTask<Output>(draft: TaskDraft): Task<Output> {
  const task: Task<Output> = {
    dagId: draft.dag.dagId,
    taskId: draft.taskId,
    get output() {
      return xcomOf<Output>(task, draft);
    },
    xcom: (key) => xcomOf(task, draft, key),
    upstream: (...nodes) => nodes.forEach((before) => connect(before, task)),
    downstream: (...nodes) => nodes.forEach((after) => connect(task, after)),
    asSetup: () => {
      makeSetup(draft);
      return task;
    },
    asTeardown: (options = {}) => {
      requireShapes(`teardown "${draft.taskId}"`, options, TEARDOWN_SHAPES);
      const { setups = [], onFailureFailDagrun = false } = options;
      makeTeardown(draft, onFailureFailDagrun);
      for (const setup of isList(setups) ? setups : [setups]) {
        makeSetup(draftOf(setup));
        connect(setup, task);
      }
      return task;
    },
  };
  registerNode(task, { kind: 'task', draft });
  return Object.freeze(task);
}

function makeSetup(draft: TaskDraft): void {
  if (draft.role.kind === 'teardown') throw twoRoles(draft);
  draft.role = { kind: 'setup' };
}

function makeTeardown(draft: TaskDraft, onFailureFailDagrun: boolean): void {
  if (draft.role.kind === 'setup') throw twoRoles(draft);
  const { triggerRule } = draft.options;
  if (triggerRule !== undefined && triggerRule !== 'all_done_setup_success') {
    throw new DagError(
      `task "${draft.taskId}" has the trigger rule ${triggerRule}, but that of a teardown is ` +
        'always all_done_setup_success; leave it out',
    );
  }
  draft.role = { kind: 'teardown', onFailureFailDagrun };
}

function twoRoles({ taskId }: TaskDraft): DagError {
  return new DagError(`task "${taskId}" cannot be a setup and a teardown; make two tasks of it`);
}

function isList(setups: Task | readonly Task[]): setups is readonly Task[] {
  return Array.isArray(setups);
}
