// Builders: what a test says of a DAG is what matters to it, all else is ordinary.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema, TaskSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';

type TaskInit = Exclude<MessageInitShape<typeof TaskSpecSchema>, { readonly $typeName: string }>;
type DagInit = Exclude<MessageInitShape<typeof DagSpecSchema>, { readonly $typeName: string }>;

/** A task that waits for `upstreamTaskIds`, on queue `default`, in `default_pool`. */
export function aTask(
  taskId: string,
  upstreamTaskIds: readonly string[] = [],
  more: TaskInit = {},
) {
  return create(TaskSpecSchema, {
    taskId,
    upstreamTaskIds: [...upstreamTaskIds],
    handler: `dag.ts:${taskId}`,
    queue: 'default',
    pool: 'default_pool',
    poolSlots: 1,
    priorityWeight: 1,
    ...more,
  });
}

/** A DAG with these tasks and wide limits. */
export function aDag(dagId: string, tasks: DagSpec['tasks'], more: DagInit = {}): DagSpec {
  return create(DagSpecSchema, {
    dagId,
    activeRunsMax: 16,
    activeTasksMax: 100,
    ...more,
    tasks,
  });
}

/** Tasks `t1` → `t2` → … */
export function aChain(length: number, more: TaskInit = {}): DagSpec['tasks'] {
  return Array.from({ length }, (_, index) =>
    aTask(`t${index + 1}`, index === 0 ? [] : [`t${index}`], more),
  );
}
