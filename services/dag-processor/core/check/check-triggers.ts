// What tasks and assets wait for off any worker: moments, addresses and states that can come.
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { ExternalTaskTrigger, TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { spanCause } from './check-tasks.ts';
import type { Check } from './dag-view.ts';
import { wordsOf } from '../enum-words.ts';
import { didYouMean } from '../nearest.ts';

/** What is wrong with the triggers of tasks and of the watchers of assets. */
export const checkTriggers: Check = function* (view) {
  for (const task of view.dag.tasks) {
    for (const cause of triggerCauses(task.trigger)) yield view.ofTask(task, cause);
  }
  for (const { name, watchers } of view.dag.assets) {
    for (const watcher of watchers) {
      const subject = `has an asset "${name}" with a watcher "${watcher.name}", which`;
      for (const cause of triggerCauses(watcher.trigger)) {
        yield view.ofDag(`${subject} ${cause}`, watcher.name);
      }
      const { kind } = watcher.trigger ?? {};
      if (kind?.case === 'asset' && kind.value.assetName === name) {
        yield view.ofDag(`${subject} waits for that very asset; let it wait for something else`);
      }
    }
  }
};

function* triggerCauses(trigger: TriggerSpec | undefined): Iterable<string> {
  if (trigger === undefined) return;
  const { kind } = trigger;
  if (kind.case === 'timer') {
    const { moment } = kind.value;
    if (moment.case !== 'after') return;
    const cause = spanCause('a timer with after', moment.value, 'at least 0');
    if (cause !== undefined) yield cause;
  } else if (kind.case !== undefined) {
    const cause = spanCause('a trigger with poll_interval', kind.value.pollInterval, 'positive');
    if (cause !== undefined) yield cause;
  }
  if (kind.case === 'file' && !kind.value.path.startsWith('/')) {
    yield `waits for the file "${kind.value.path}"; its path must be absolute`;
  }
  if (kind.case === 'externalTask') yield* externalTaskCauses(kind.value);
}

const STATES: ReadonlySet<string> = new Set(Object.keys(wordsOf(TaskInstanceState)));

function* externalTaskCauses(trigger: ExternalTaskTrigger): Iterable<string> {
  const other = `waits for DAG "${trigger.dagId}"`;
  if (trigger.runId !== '' && trigger.logicalDates.length > 0) {
    yield `${other} by run_id and by logical dates; keep one of them`;
  }
  if (trigger.taskIds.length > 0 && trigger.taskGroupId !== '') {
    yield `${other} with task_ids and a task_group_id; keep one of them`;
  }
  const states = [...trigger.allowedStates, ...trigger.failedStates, ...trigger.skippedStates];
  for (const state of new Set(states)) {
    if (!STATES.has(state)) {
      yield `${other} to be in state "${state}", which is not known${didYouMean(state, STATES)}`;
    }
    if (states.indexOf(state) !== states.lastIndexOf(state)) {
      yield `${other}, where state "${state}" has two meanings; name it in one list only`;
    }
  }
}
