// Declares DAGs for tests, and the words in which one is refused.
import { toJson } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import { TaskSpecSchema } from '../gen/dagmesh/dag/v1/dag_pb.ts';
import {
  type DagBuilder,
  DagError,
  type DagOptions,
  type DagSpec,
  dag,
  type TaskSpec,
  toDagSpec,
} from '../index.ts';

/** The spec of a DAG `a_dag` in `a_dag.ts`. */
export function declared(
  build: (d: DagBuilder) => void = () => undefined,
  options: DagOptions = {},
): DagSpec {
  return toDagSpec(dag('a_dag', options, build), { file: 'a_dag.ts' });
}

/** A task of a spec. */
export function taskOf(spec: DagSpec, taskId: string): TaskSpec {
  const task = spec.tasks.find((each) => each.taskId === taskId);
  if (task === undefined) throw new Error(`there is no task ${taskId}`);
  return task;
}

/** A task of a spec in protobuf's JSON form. */
export function taskJson(spec: DagSpec, taskId: string): Readonly<Record<string, unknown>> {
  return toJson(TaskSpecSchema, taskOf(spec, taskId)) as Readonly<Record<string, unknown>>;
}

/** What a task waits for, in alphabetical order. */
export function upstreamOf(spec: DagSpec, taskId: string): readonly string[] {
  return taskOf(spec, taskId).upstreamTaskIds.toSorted();
}

/** The sentence with which a declaration is refused. */
export function refusal(build: (d: DagBuilder) => void, options: DagOptions = {}): string {
  try {
    declared(build, options);
  } catch (error) {
    expect(error).toBeInstanceOf(DagError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was refused');
}
