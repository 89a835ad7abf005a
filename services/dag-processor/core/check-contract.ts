// The rules that the contract itself writes down, told in the author's terms.
import { toBinary } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { lineOfTask } from './check-graph.ts';
import { type DagSource, lineOfName } from './dag-source.ts';
import type { Problem } from './import-error.ts';

/** Limits of a DAG, from the contract's comment. */
const TASKS_MAX = 10_000;
const SPEC_BYTES_MAX = 16 * 1024 * 1024;

const validator = createValidator();

/** What breaks the contract. Sizes come first: what is too large is not looked at any closer. */
export function checkContract(dag: DagSpec, source: DagSource): Problem[] {
  const line = lineOfName(source, dag.dagId);
  const tooLarge = sizeCause(dag);
  if (tooLarge !== undefined) return [{ line, cause: tooLarge }];
  const result = validator.validate(DagSpecSchema, dag);
  if (result.kind === 'valid') return [];
  if (result.kind === 'error') return [{ line, cause: result.error.message }];
  return result.violations.map((violation) => {
    const path = pathToString(violation.field);
    const at = /^tasks\[(\d+)\]\.?/.exec(path);
    const task = at === null ? undefined : dag.tasks[Number(at[1])];
    const field = path.slice(at?.[0].length ?? 0);
    const subject = task === undefined ? `DAG "${dag.dagId}"` : `task "${task.taskId}"`;
    const cause = `${subject}: ${field} ${violation.message}`;
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
