// The tasks between a teardown and its setups.
import { DagError } from '../checks/dag-error.ts';
import type { DagDraft, TaskDraft } from '../draft.ts';
import { draftOf, leavesOf, link, rootsOf } from './node.ts';
import type { Task } from '../task.ts';

/** Runs `declare` and puts what it adds between a teardown and its setups. */
export function scope(dag: DagDraft, teardown: Task, declare: () => void): void {
  const after = draftOf(teardown);
  if (after.role.kind !== 'teardown') {
    throw new DagError(
      `the scope of task "${after.taskId}" means nothing, since it is no teardown; ` +
        'make it one with asTeardown({ setups })',
    );
  }
  const before = new Set(dag.tasks.keys());
  declare();
  const added = [...dag.tasks.values()].filter(({ taskId }) => !before.has(taskId));
  const work = added.filter(({ role }) => role.kind === 'work');
  const leaves = leavesOf(work);
  for (const root of rootsOf(work)) for (const setup of setupsOf(dag, after)) link(setup, root);
  for (const leaf of leaves) link(leaf, after);
}

function setupsOf(dag: DagDraft, teardown: TaskDraft): readonly TaskDraft[] {
  return [...teardown.upstream].flatMap((id) => {
    const task = dag.tasks.get(id);
    return task?.role.kind === 'setup' ? [task] : [];
  });
}
