// The rules that the contract itself writes down, told in the author's terms.
import { toBinary } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { brokenRules } from '#kernel/contract/contract.ts';
import { lineOfTask } from './check-graph.ts';
import { type DagSource, lineOfName } from './dag-source.ts';
import type { Problem } from './import-error.ts';

/** Limits of a DAG, from the contract's comment. */
const TASKS_MAX = 10_000;
const SPEC_BYTES_MAX = 16 * 1024 * 1024;

/** What breaks the contract. Sizes come first: what is too large is not looked at any closer. */
export function checkContract(dag: DagSpec, source: DagSource): Problem[] {
  const line = lineOfName(source, dag.dagId);
  const tooLarge = sizeCause(dag);
  if (tooLarge !== undefined) return [{ line, cause: tooLarge }];
  return brokenRules(DagSpecSchema, dag).map((broken) => {
    const at = /^tasks\[(\d+)\]\.?/.exec(broken.field);
    const task = at === null ? undefined : dag.tasks[Number(at[1])];
    const field = broken.field.slice(at?.[0].length ?? 0);
    const subject = task === undefined ? `DAG "${dag.dagId}"` : `task "${task.taskId}"`;
    const cause = `${subject}: ${field} ${broken.message}`;
    return { line: task === undefined ? line : lineOfTask(task), cause };
  });
}

function sizeCause(dag: DagSpec): string | undefined {
  if (dag.tasks.length > TASKS_MAX) {
    return `DAG "${dag.dagId}" has ${dag.tasks.length} tasks; at most ${TASKS_MAX} are allowed, so split it`;
  }
  const bytes = toBinary(DagSpecSchema, dag).length;
  if (bytes <= SPEC_BYTES_MAX) return undefined;
  return `DAG "${dag.dagId}" has ${bytes} bytes; at most ${SPEC_BYTES_MAX} are allowed, so move values out of it`;
}
