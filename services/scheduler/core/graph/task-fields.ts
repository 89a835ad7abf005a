// What a task says of itself in its spec, made ready; its place in the graph is found elsewhere.
import { type TaskSpec, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Task, TaskInput, TaskKind } from './task.ts';
import type { Vertex } from './graph.ts';

/** Airflow's default wait before a retry. */
const RETRY_DELAY_MS = 300_000;

type Placed =
  | keyof Vertex
  | 'index'
  | 'above'
  | 'below'
  | 'sharesGroups'
  | 'setups'
  | 'setupFor'
  | 'groups'
  | 'levels'
  | 'sources'
  | 'sourceFor'
  | 'priority';

/** The fields that need no other task. */
export function ownFields(spec: TaskSpec): Omit<Task, Placed> {
  return {
    taskId: spec.taskId,
    kind: kindOf(spec),
    handler: spec.handler,
    queue: spec.queue || 'default',
    mapLabelTemplate: spec.mapIndexTemplate,
    rule: spec.isTeardown ? TriggerRule.ALL_DONE_SETUP_SUCCESS : spec.triggerRule,
    pool: spec.pool || 'default_pool',
    poolSlots: spec.poolSlots || 1,
    retries: spec.retry?.retries ?? 0,
    retry: {
      delayMs: fromDuration(spec.retry?.delay) ?? RETRY_DELAY_MS,
      exponentialBackoff: spec.retry?.exponentialBackoff ?? 0,
      delayMaxMs: fromDuration(spec.retry?.delayMax),
    },
    retryRules: spec.retry?.rules ?? [],
    executionTimeoutMs: fromDuration(spec.executionTimeout),
    activeTisPerDagMax: spec.activeTisPerDagMax,
    activeTisPerDagrunMax: spec.activeTisPerDagrunMax,
    limitKeys: spec.limitKeys,
    ...inputsOf(spec),
    connections: spec.connections,
    // Who waits for what was downstream waits for the past as well.
    dependsOnPast: spec.dependsOnPast || spec.waitForDownstream,
    waitsForDownstream: spec.waitForDownstream,
    heedsFirstPast: spec.heedsFirstDependsOnPast,
    waitsForPastToSkip: spec.waitForPastDependsBeforeSkipping,
    startMs: fromTimestamp(spec.startDate),
    endMs: fromTimestamp(spec.endDate),
    humanInput: spec.humanInput,
    trigger: spec.trigger,
    triggerTimeoutMs: fromDuration(spec.triggerTimeout),
    isSoftFail: spec.isSoftFail,
    inlets: spec.inlets,
    outlets: spec.outlets,
    callbacks: spec.callbacks,
    slaMs: fromDuration(spec.sla),
  };
}

function kindOf(spec: TaskSpec): TaskKind {
  if (spec.isEmpty) return 'empty';
  if (spec.isLatestOnly) return 'latest_only';
  if (spec.humanInput !== undefined) return 'human_input';
  return spec.trigger === undefined ? 'code' : 'trigger';
}

function inputsOf(spec: TaskSpec): Pick<Task, 'literalsJson' | 'inputs'> {
  const literals: string[] = [];
  const inputs: TaskInput[] = [];
  for (const { name, source } of spec.inputs) {
    if (source.case === 'valueJson') literals.push(`${JSON.stringify(name)}:${source.value}`);
    if (source.case === 'xcom') {
      const { taskId, key } = source.value;
      inputs.push({ kind: 'xcom', name, taskId, key: key || 'return_value' });
    }
    if (source.case === 'groupArgument') {
      const { groupId, name: argument } = source.value;
      inputs.push({ kind: 'group', name, groupId, argument });
    }
  }
  return { literalsJson: `{${literals.join(',')}}`, inputs };
}
