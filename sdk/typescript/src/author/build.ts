// The builder of a DAG and of each group in it, over the draft that they fill.
import type { TaskBody } from '../task/context.ts';
import { keeping } from '../task/outputs.ts';
import { sensorSettings } from '../task/sensor.ts';
import { addGroup } from './add-group.ts';
import { addTask, type Place, type TaskParts } from './add-task.ts';
import type { DagBuilder, PartialTask } from './builder.ts';
import { DagError } from './dag-error.ts';
import { durationOption } from './duration.ts';
import type { Work } from './draft.ts';
import { approvalSpec, branchQuestionSpec, questionSpec } from './human-input.ts';
import { kwargsOf, productOf } from './mapping.ts';
import type { GroupOptions, TaskOptions } from './options.ts';
import { scope } from './scope.ts';
import type { Inputs, Task } from './task.ts';
import { isTemplate, type TaskTemplate } from './template.ts';
import { isTrigger } from './triggers.ts';

/** A builder that adds to a place. */
export function builderOf(place: Place): DagBuilder {
  const add = (parts: TaskParts) => addTask(place, parts) as Task<never>;
  const ask = (taskId: string, options: TaskOptions, humanInput: QuestionOf) =>
    add({ taskId, options, work: { kind: 'human_input', humanInput } });
  return {
    task: (first: First, second?: Second, third?: TaskBody<never>) =>
      add(partsOf(first, second, third)),
    partial: (first: First, second?: Second, third?: TaskBody<never>) =>
      partialTask(place, partsOf(first, second, third)),
    emptyTask: (taskId, options = {}) => add({ taskId, options, work: { kind: 'empty' } }),
    latestOnly: (taskId, options = {}) => add({ taskId, options, work: { kind: 'latest_only' } }),
    wait: (taskId, trigger, { timeout, softFail = false, ...options } = {}) => {
      if (!isTrigger(trigger)) {
        throw new DagError(`task "${taskId}" waits for nothing; use e.g. trigger.after('5m')`);
      }
      const triggerTimeout = durationOption('timeout', timeout);
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
  if (isTemplate(first)) {
    const { taskId = first.taskId, ...given } = typeof second === 'object' ? second : {};
    return withBody(taskId, { ...first.options, ...given }, first.body);
  }
  if (typeof second === 'function') return withBody(first, {}, second);
  const { handler, ...options } = second ?? {};
  if (third !== undefined) return withBody(first, options, third);
  if (handler === undefined) {
    throw new DagError(
      `task "${first}" has neither a function nor a handler; ` +
        'use d.emptyTask() for one without code',
    );
  }
  return { taskId: first, options, work: { kind: 'remote', handler } };
}

function withBody(taskId: string, options: BuilderOptions, body: TaskBody<never>): TaskParts {
  const { softFail = false, neverFail = false } = sensorSettings(body) ?? {};
  const extra = { isSoftFail: softFail || neverFail };
  return { taskId, options, work: { kind: 'body', body: keeping(body, options) }, extra };
}
