// A plan as the scheduler gets it: the spec that an author's SDK would have written.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { HumanInputEffect } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { type DagSpec, DagSpecSchema, TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { Plan, Rule, Source, TaskPlan } from '../oracle/plan.ts';

/** More to say of a DAG than its tasks. */
export type DagMore = Omit<
  MessageInitShape<typeof DagSpecSchema>,
  '$typeName' | '$unknown' | 'tasks' | 'dagId'
>;

const QUEUE = 'default';
const RETRY_DELAY_S = 10n;
/** A limit that holds nothing up. */
const WIDE = 1_000;

/** The spec of a plan. Limits are wide: they hold nothing up. */
export function specOf(dagId: string, plan: Plan, more: DagMore = {}): DagSpec {
  const groups = Object.entries(plan.groups ?? {}).map(([groupId, group]) => ({
    groupId,
    parentGroupId: group.in ?? '',
    ...mappingOf(group.over),
  }));
  return create(DagSpecSchema, {
    dagId,
    activeRunsMax: 100,
    activeTasksMax: 1_000,
    failFast: plan.fail_fast ?? false,
    catchup: plan.catchup ?? false,
    ...(plan.timeout_s === undefined ? {} : { dagrunTimeout: toDuration(plan.timeout_s * 1_000) }),
    taskGroups: groups,
    tasks: Object.entries(plan.tasks).map(([taskId, task]) => taskSpec(taskId, task)),
    ...more,
  });
}

/** A rule by its name. */
export function ruleNamed(name: Rule): TriggerRule {
  return TriggerRule[name.toUpperCase() as keyof typeof TriggerRule];
}

function taskSpec(taskId: string, task: TaskPlan) {
  return {
    taskId,
    handler: task.empty === true || task.waits !== undefined ? '' : `plan.ts:${taskId}`,
    isEmpty: task.empty ?? false,
    upstreamTaskIds: [...(task.after ?? [])],
    triggerRule: task.rule === undefined ? TriggerRule.UNSPECIFIED : ruleNamed(task.rule),
    taskGroupId: task.group ?? '',
    isSetup: task.setup ?? false,
    isTeardown: task.teardown ?? false,
    onFailureFailDagrun: task.decisive ?? false,
    retry: { retries: task.retries ?? 0, delay: { seconds: RETRY_DELAY_S } },
    queue: QUEUE,
    pool: 'default_pool',
    poolSlots: 1,
    priorityWeight: 1,
    activeTisPerDagMax: task.limited === true ? WIDE : 0,
    dependsOnPast: task.past === 'itself',
    waitForDownstream: task.past === 'downstream',
    waitForPastDependsBeforeSkipping: task.patient ?? false,
    ...(task.timeout_s === undefined
      ? {}
      : { executionTimeout: toDuration(task.timeout_s * 1_000) }),
    ...waitOf(task),
    ...mappingOf(task.over),
  };
}

/** What an event is waited for here is of no matter. */
export const TRIGGER = { kind: { case: 'asset' as const, value: { assetName: 'x' } } };

/** What people are asked: an answer is one of these. */
export const QUESTION = { subject: 'go on?', options: ['Approve', 'Reject'] };

function waitOf({ waits, waits_s, has_defaults }: TaskPlan) {
  const timeout = waits_s === undefined ? {} : { timeout: toDuration(waits_s * 1_000) };
  switch (waits) {
    case undefined:
      return {};
    case 'event':
      return {
        trigger: TRIGGER,
        ...(timeout.timeout === undefined ? {} : { triggerTimeout: timeout.timeout }),
      };
    default: {
      const effect =
        waits === 'approval' ? HumanInputEffect.APPROVAL : HumanInputEffect.UNSPECIFIED;
      const defaults = has_defaults === true ? ['Approve'] : [];
      return { humanInput: { ...QUESTION, ...timeout, defaults, effect } };
    }
  }
}

function mappingOf(over: readonly Source[] | undefined) {
  if (over === undefined) return {};
  const args = over.map((source, at) => ({ name: `a${at}`, source: { kind: kindOf(source) } }));
  return { mapping: { kind: { case: 'product' as const, value: { arguments: args } } } };
}

function kindOf(source: Source) {
  if (typeof source === 'string') return { case: 'taskId' as const, value: source };
  const valueJson = JSON.stringify(Array.from({ length: source }, (_, at) => at));
  return { case: 'valueJson' as const, value: valueJson };
}
