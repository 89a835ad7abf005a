// The rules that the contract itself writes down, told in the author's terms.
import { toBinary } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { brokenRules } from '#kernel/contract/contract.ts';
import { lineOfTask } from './check-graph.ts';
import { type DagSource, lineOfName } from '../file/dag-source.ts';
import type { Problem } from '../reading/import-error.ts';

/** Limits of a DAG, from the contract's comment. */
const TASKS_MAX = 10_000;
const SPEC_BYTES_MAX = 16 * 1024 * 1024;

/** How many edges a DAG may have, those of mapped groups counted for each task that gets them. */
export const EDGES_MAX = 2_000_000;

/** The edges of a DAG. */
export function countEdges({ tasks }: DagSpec): number {
  return tasks.reduce((count, { upstreamTaskIds }) => count + upstreamTaskIds.length, 0);
}

/** What breaks the contract. Sizes come first: what is too large is not looked at any closer. */
export function checkContract(dag: DagSpec, source: DagSource): Problem[] {
  const line = lineOfName(source, dag.dagId);
  const tooLarge = sizeCause(dag);
  if (tooLarge !== undefined) return [{ line, cause: tooLarge }];
  return brokenRules(DagSpecSchema, dag).map(({ field, message }) => {
    const { subject, rest, task } = subjectOf(field, dag);
    const cause = `${subject}: ${rest} ${message}`;
    return { line: task === undefined ? line : lineOfTask(task), cause };
  });
}

// People know a place by its name, not by where it stands in a list.
function subjectOf(field: string, dag: DagSpec) {
  const [whole = '', list, at] = /^(tasks|task_groups|assets)\[(\d+)\]\.?/.exec(field) ?? [];
  const rest = field.slice(whole.length);
  const task = list === 'tasks' ? dag.tasks[Number(at)] : undefined;
  const group = list === 'task_groups' ? dag.taskGroups[Number(at)] : undefined;
  const asset = list === 'assets' ? dag.assets[Number(at)] : undefined;
  if (task !== undefined) return { subject: `task "${task.taskId}"`, rest, task };
  if (group !== undefined) return { subject: `group "${group.groupId}"`, rest };
  if (asset !== undefined) return { subject: `asset "${asset.name}"`, rest };
  return { subject: `DAG "${dag.dagId}"`, rest: field };
}

function sizeCause(dag: DagSpec): string | undefined {
  if (dag.tasks.length > TASKS_MAX) {
    return `DAG "${dag.dagId}" has ${dag.tasks.length} tasks; at most ${TASKS_MAX} are allowed, so split it`;
  }
  if (countEdges(dag) > EDGES_MAX) {
    return `DAG "${dag.dagId}" has more than ${EDGES_MAX} edges; put a task between those that all wait for all`;
  }
  const bytes = toBinary(DagSpecSchema, dag).length;
  if (bytes <= SPEC_BYTES_MAX) return undefined;
  return `DAG "${dag.dagId}" has ${bytes} bytes; at most ${SPEC_BYTES_MAX} are allowed, so move values out of it`;
}
