// Where a trigger rule is not the author's to choose: fail_fast, setups, teardowns, mapping.
import { type TaskSpec, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { MappingSpec } from '#gen/dagmesh/dag/v1/mapping_pb.ts';
import type { Check, DagView } from './dag-view.ts';
import { wordFor } from '../enum-words.ts';

/** What is wrong with the trigger rules. */
export const checkTriggerRules: Check = function* (view) {
  for (const task of view.dag.tasks) {
    const name = wordFor(TriggerRule, task.triggerRule);
    for (const cause of task.isTeardown ? teardownCauses(task) : ruleCauses(task, view)) {
      yield view.ofTask(task, `has the trigger rule ${name}, ${cause}`);
    }
  }
};

function* teardownCauses({ triggerRule }: TaskSpec): Iterable<string> {
  if (triggerRule === TriggerRule.ALL_DONE_SETUP_SUCCESS) return;
  yield 'but the rule of a teardown is always all_done_setup_success; leave it out';
}

function* ruleCauses(task: TaskSpec, view: DagView): Iterable<string> {
  const { triggerRule, upstreamTaskIds } = task;
  if (triggerRule === TriggerRule.ALL_DONE_SETUP_SUCCESS) {
    yield 'which only teardowns get, by themselves';
    return;
  }
  if (triggerRule === TriggerRule.ALL_SUCCESS) return;
  if (view.dag.failFast) {
    yield 'but in a DAG with fail_fast every rule must be all_success; change the rule or drop fail_fast';
  }
  const setup = upstreamTaskIds.find((taskId) => view.tasks.get(taskId)?.isSetup);
  if (setup !== undefined) {
    yield `but directly downstream of the setup "${setup}" only all_success is allowed`;
  }
  if (triggerRule === TriggerRule.ALWAYS) yield* alwaysCauses(task, view);
}

// A task that waits for nothing could start before what it is mapped over exists.
function* alwaysCauses(task: TaskSpec, view: DagView): Iterable<string> {
  const isTaskGenerated = (mapping: MappingSpec | undefined) =>
    (view.factsOf(mapping)?.taskIds.length ?? 0) > 0;
  if (isTaskGenerated(task.mapping)) {
    yield "but it is mapped over another task's result, which it must wait for; choose another rule";
  }
  const group = view.groupsAround(task).find(({ mapping }) => isTaskGenerated(mapping));
  if (group !== undefined) {
    yield `but its group "${group.groupId}" is mapped over a task's result, which it must wait for; choose another rule`;
  }
}
