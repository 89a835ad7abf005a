// What the declaration of a DAG, or of a group in it, is written with.
import type { JsonObject } from '../json.ts';
import type { TaskBody } from '../task/context.ts';
import type {
  ExpandedGroupOptions,
  GroupArguments,
  KwargsGroupOptions,
  TaskGroup,
} from './graph/group.ts';
import type { GroupArgument } from './graph/group-argument.ts';
import type { Approval, BranchQuestion, Question } from './waiting/human-input.ts';
import type { Expansion } from './graph/mapping.ts';
import type {
  GroupOptions,
  RemoteTaskOptions,
  TaskOptions,
  WaitOptions,
} from './option/options.ts';
import type { Inputs, InputsFor, Resolved, Task } from './task.ts';
import type { TaskTemplate } from './template.ts';
import type { Trigger } from './waiting/triggers.ts';
import type { Mappable } from './graph/xcom-arg.ts';

/** Options of a task in a template's place. */
export type PlacedOptions<I> = TaskOptions & {
  readonly taskId?: string;
  readonly inputs?: InputsFor<I>;
};

/** Adds tasks and groups to a DAG, or to a group of it. */
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
    options?: PlacedOptions<I>,
  ): Task<Awaited<Output>>;

  /**
   * A task of which there are as many instances as there is data: declared as with `task`, then
   * `expand`ed. Its inputs are the arguments that are the same for each instance.
   */
  partial<Wanted extends object = JsonObject, Output = unknown, I extends Inputs = object & Inputs>(
    taskId: string,
    options: TaskOptions & { readonly inputs?: I },
    body: TaskBody<Wanted, Output>,
  ): PartialTask<Wanted, keyof I, Awaited<Output>>;
  partial<Output = unknown>(
    taskId: string,
    options: RemoteTaskOptions & { readonly inputs?: Inputs },
  ): PartialTask<JsonObject, never, Output>;
  partial<I extends object, Output>(
    template: TaskTemplate<I, Output>,
    options?: TaskOptions & {
      readonly taskId?: string;
      readonly inputs?: Partial<InputsFor<I>>;
    },
  ): PartialTask<I, never, Awaited<Output>>;

  /** A task without code, for joining edges; it succeeds at once and no worker sees it. */
  emptyTask(taskId: string, options?: TaskOptions): Task<undefined>;
  /** A task without code that skips what is downstream unless its run is the latest. */
  latestOnly(taskId: string, options?: TaskOptions): Task<undefined>;
  /** A task without code that waits for a trigger, off any worker, and returns its event. */
  wait<Event = unknown>(taskId: string, trigger: Trigger, options?: WaitOptions): Task<Event>;

  /** Asks people, off any worker; the answer is the task's XCom. */
  humanInput(taskId: string, question: Question, options?: TaskOptions): Task<JsonObject>;
  /** Asks for `Approve` or `Reject`: a rejection skips everything downstream, or fails. */
  approval(taskId: string, question: Approval, options?: TaskOptions): Task<JsonObject>;
  /** Asks which branches to follow. */
  humanBranch(taskId: string, question: BranchQuestion, options?: TaskOptions): Task<JsonObject>;

  /** A group of which there are as many instances as combinations of elements. */
  group<E extends Expansion>(
    groupId: string,
    options: ExpandedGroupOptions<E>,
    declare: (g: DagBuilder, given: GroupArguments<E>) => void,
  ): TaskGroup;
  /** A group of which there are as many instances as elements, whose fields are its arguments. */
  group<Element>(
    groupId: string,
    options: KwargsGroupOptions<Element>,
    declare: (
      g: DagBuilder,
      given: { readonly [Name in keyof Element]: GroupArgument<Element[Name]> },
    ) => void,
  ): TaskGroup;
  /** A group of tasks; their ids begin with its id and a dot. */
  group(groupId: string, options: GroupOptions, declare: (g: DagBuilder) => void): TaskGroup;
  group(groupId: string, declare: (g: DagBuilder) => void): TaskGroup;

  /**
   * Puts the tasks that `declare` adds between a teardown and its setups: the setups run before the
   * first of them, the teardown after the last.
   */
  scope(teardown: Task, declare: () => void): void;
};

/** A task that is not expanded yet. */
export type PartialTask<Wanted, Given extends PropertyKey, Output> = {
  /**
   * One instance for each combination of elements; the first argument varies slowest. The output is
   * the list of what the instances return.
   */
  expand(
    over: { readonly [Name in Exclude<keyof Wanted, Given>]?: Mappable<Wanted[Name]> },
  ): Task<readonly Output[]>;
  /** One instance for each element, an object whose fields are the arguments. */
  expandKwargs(
    elements: Mappable<{ readonly [Name in Exclude<keyof Wanted, Given>]?: Wanted[Name] }>,
  ): Task<readonly Output[]>;
};
