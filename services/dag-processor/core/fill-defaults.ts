// Fills in what an author left open, with the defaults that the contract and Airflow name.
import { clone, create } from '@bufbuild/protobuf';
import { type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';
import {
  type DagSpec,
  DagSpecSchema,
  RetryPolicySchema,
  type TaskSpec,
  TriggerRule,
  WeightRule,
} from '#gen/dagmesh/dag/v1/dag_pb.ts';

const ACTIVE_RUNS_MAX = 16;
const ACTIVE_TASKS_MAX = 16;
const RETRY_DELAY_S = 300n;
const XCOM_KEY = 'return_value';

/**
 * A copy with every default filled in, upstream tasks named once, and the tasks that inputs refer
 * to among them: a task that reads another's XCom waits for it. What is wrong stays as it is, for
 * the checks to find.
 */
export function fillDefaults(spec: DagSpec): DagSpec {
  const dag = clone(DagSpecSchema, spec);
  dag.activeRunsMax ||= ACTIVE_RUNS_MAX;
  dag.activeTasksMax ||= ACTIVE_TASKS_MAX;
  for (const task of dag.tasks) fillTask(task);
  return dag;
}

function fillTask(task: TaskSpec): void {
  task.queue ||= 'default';
  task.pool ||= 'default_pool';
  task.poolSlots ||= 1;
  task.triggerRule ||= TriggerRule.ALL_SUCCESS;
  task.weightRule ||= WeightRule.DOWNSTREAM;
  task.retry ??= create(RetryPolicySchema);
  task.retry.delay ??= seconds(RETRY_DELAY_S);
  const upstream = new Set(task.upstreamTaskIds);
  for (const { source } of task.inputs) {
    if (source.case !== 'xcom') continue;
    source.value.key ||= XCOM_KEY;
    if (source.value.taskId !== '') upstream.add(source.value.taskId);
  }
  task.upstreamTaskIds = [...upstream];
}

function seconds(count: bigint): Duration {
  return create(DurationSchema, { seconds: count });
}
