// What only a whole DAG shows: cycles, rules that are not the author's to choose, keys without
// limits.
import { TriggerRule } from '../../gen/dagmesh/dag/v1/dag_pb.ts';
import { DagError } from '../checks/dag-error.ts';
import type { DagDraft, GroupDraft, TaskDraft } from '../draft.ts';
import { findCycle } from './edges.ts';
import { type MappingDraft, tasksOfMapping } from './mapping.ts';
import { triggerRuleName } from '../option/task-fields.ts';

/** Throws a DagError at the line of the first task that cannot be part of its DAG. */
export function requireLegal(dag: DagDraft): void {
  requireNoCycle(dag);
  const limited = new Set(dag.fields.keyLimits?.map(({ key = '' }) => key));
  for (const task of dag.tasks.values()) {
    const cause = ruleCause(dag, task) ?? keyCause(task, limited);
    if (cause === undefined) continue;
    throw new DagError(`task "${task.taskId}" ${cause}`, { site: task.sites[0] });
  }
}

function requireNoCycle(dag: DagDraft): void {
  const cycle = findCycle(dag.tasks);
  if (cycle === undefined) return;
  const site = dag.tasks.get(cycle[0] ?? '')?.sites[0];
  throw new DagError(
    `the tasks of DAG "${dag.dagId}" wait for each other in a circle: ${cycle.join(' → ')}`,
    { site },
  );
}

function ruleCause(dag: DagDraft, task: TaskDraft): string | undefined {
  const { triggerRule = TriggerRule.ALL_SUCCESS } = task.fields;
  if (task.role.kind === 'teardown' || triggerRule === TriggerRule.ALL_SUCCESS) return undefined;
  const has = `has the trigger rule ${triggerRuleName(triggerRule)}`;
  if (triggerRule === TriggerRule.ALL_DONE_SETUP_SUCCESS) {
    return `${has}, which only teardowns get, by themselves`;
  }
  if (dag.fields.failFast === true) {
    return `${has}, but in a DAG with failFast every rule is all_success`;
  }
  const setup = [...task.upstream].find((id) => dag.tasks.get(id)?.role.kind === 'setup');
  if (setup !== undefined) {
    return `${has}, but directly downstream of the setup "${setup}" only all_success is allowed`;
  }
  if (triggerRule !== TriggerRule.ALWAYS) return undefined;
  if (isTaskGenerated(dag, task.mapping)) {
    return `${has}, but it must wait for the result that it is mapped over`;
  }
  for (let group: GroupDraft | undefined = task.group; group !== undefined; group = group.parent) {
    if (!isTaskGenerated(dag, group.mapping)) continue;
    return `${has}, but it must wait for the result that its group "${group.groupId}" is mapped over`;
  }
  return undefined;
}

function keyCause(task: TaskDraft, limited: ReadonlySet<string>): string | undefined {
  const key = task.fields.limitKeys?.find((each) => !limited.has(each));
  if (key === undefined) return undefined;
  return `has the limit key "${key}", which keyLimits of its DAG does not name`;
}

function isTaskGenerated(dag: DagDraft, mapping: MappingDraft | undefined): boolean {
  return mapping !== undefined && tasksOfMapping(dag, mapping).length > 0;
}
