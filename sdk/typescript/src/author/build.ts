// The builder of a DAG and of each group in it, over the draft that they fill.
import type { TaskBody } from '../task/context.ts';
import { sensorSettings } from '../task/sensor.ts';
import { addGroup } from './graph/add-group.ts';
import { addTask, type Place, type TaskParts } from './add-task.ts';
import type { DagBuilder, PartialTask } from './builder.ts';
import { DagError } from './checks/dag-error.ts';
import { positiveDuration } from './values/duration.ts';
import type { Work } from './draft.ts';
import { approvalSpec, branchQuestionSpec, questionSpec } from './waiting/human-input.ts';
import { kwargsOf, productOf } from './graph/mapping.ts';
import { CODE_SHAPES, TASK_SHAPES, WAIT_SHAPES } from './option/option-shapes.ts';
import type { GroupOptions, TaskOptions } from './option/options.ts';
import { scope } from './graph/scope.ts';
import { requireShapes } from './checks/shapes.ts';
import type { Inputs, Task } from './task.ts';
import { isTemplate, type TaskTemplate } from './template.ts';
import { isTrigger } from './waiting/triggers.ts';

/** A builder that adds to a place. */
export function builderOf(place: Place): DagBuilder {
  const add = (parts: TaskParts) => addTask(place, parts) as Task<never>;
  const withoutCode = (taskId: string, options: TaskOptions, work: Work) => {
    requireShapes(`task "${taskId}"`, options, TASK_SHAPES);
    return add({ taskId, options, work });
  };
  const ask = (taskId: string, options: TaskOptions, humanInput: QuestionOf) =>
    withoutCode(taskId, options, { kind: 'human_input', humanInput });
  return {
    task: (first: First, second?: Second, third?: TaskBody<never>) =>
      add(partsOf(first, second, third)),
    partial: (first: First, second?: Second, third?: TaskBody<never>) =>
      partialTask(place, partsOf(first, second, third)),
    emptyTask: (taskId, options = {}) => withoutCode(taskId, options, { kind: 'empty' }),
    latestOnly: (taskId, options = {}) => withoutCode(taskId, options, { kind: 'latest_only' }),
    wait: (taskId, trigger, waitOptions = {}) => {
      requireShapes(`task "${taskId}"`, waitOptions, WAIT_SHAPES);
      if (!isTrigger(trigger)) {
        throw new DagError(`task "${taskId}" waits for nothing; use e.g. trigger.after('5m')`);
      }
      const { timeout, softFail = false, ...options } = waitOptions;
      const triggerTimeout = positiveDuration('timeout', timeout);
      const extra = { isSoftFail: softFail, ...(triggerTimeout && { triggerTimeout }) };
      return add({ taskId, options, work: { kind: 'trigger', trigger: trigger.spec }, extra });
    },
    humanInput: (taskId, question, options = {}) => ask(taskId, options, questionSpec(question)),
    approval: (taskId, question, options = {}) => ask(taskId, options, approvalSpec(question)),
    humanBranch: (taskId, question, options = {}) =>
      ask(taskId, options, branchQuestionSpec(question)),
    group: (groupId: string, second: GroupOptions | Declare, third?: Declare) => {
      const [options, declare] = typeof second === 'function' ? [{}, second] : [second, third];
      if (declare === undefined) throw new DagError(`group "${groupId}" needs a function`);
      return addGroup(place, groupId, options, (group, given) =>
        declare(builderOf({ dag: place.dag, group }), given),
      );
    },
    scope: (teardown, declare) => scope(place.dag, teardown, declare),
  };
}

type QuestionOf = Extract<Work, { kind: 'human_input' }>['humanInput'];
type Declare = (g: DagBuilder, given: never) => void;
type First = string | TaskTemplate<never>;
type Second = BuilderOptions | TaskBody<never>;
type BuilderOptions = TaskOptions & {
  readonly inputs?: Inputs;
  readonly handler?: string;
  readonly taskId?: string;
};

function partialTask(place: Place, parts: TaskParts): PartialTask<object, never, never> {
  const subject = `task "${parts.taskId}"`;
  const given = Object.keys(parts.options.inputs ?? {});
  const expanded = (mapping: TaskParts['mapping']) =>
    addTask(place, { ...parts, ...(mapping && { mapping }) }) as Task<never>;
  return {
    expand: (over) => expanded(productOf(subject, over, given)),
    expandKwargs: (elements) => expanded(kwargsOf(subject, elements, given)),
  };
}

/** Sorts out the four ways of calling `d.task`. */
function partsOf(first: First, second?: Second, third?: TaskBody<never>): TaskParts {
  const [given = {}, body] = typeof second === 'function' ? [{}, second] : [second, third];
  requireShapes(`task "${isTemplate(first) ? first.taskId : first}"`, given, CODE_SHAPES);
  const { handler, taskId, ...options } = given;
  if (isTemplate(first)) {
    return withBody(taskId ?? first.taskId, { ...first.options, ...options }, first.body);
  }
  if (body !== undefined) return withBody(first, options, body);
  if (handler !== undefined) return { taskId: first, options, work: { kind: 'remote', handler } };
  throw new DagError(
    `task "${first}" has neither a function nor a handler; ` +
      'use d.emptyTask() for one without code',
  );
}

function withBody(taskId: string, options: BuilderOptions, body: TaskBody<never>): TaskParts {
  if (typeof body !== 'function') {
    throw new DagError(`the code of task "${taskId}" is a ${typeof body}; give a function`);
  }
  const { softFail = false, neverFail = false } = sensorSettings(body) ?? {};
  const extra = { isSoftFail: softFail || neverFail };
  return { taskId, options, work: { kind: 'body', body }, extra };
}
