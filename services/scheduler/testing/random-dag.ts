// DAGs that chance makes up, with something of everything, and how their tasks end.
import { CallbackEvent } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Attempt } from '../core/attempt/attempt.ts';
import type { Chance } from './chance.ts';
import type { DagInit, OutcomeInit } from '../simulator/simulation.ts';

const LATER_MS = Date.UTC(2026, 0, 2);

const RULES = [
  ...[TriggerRule.ALL_SUCCESS, TriggerRule.ALL_SUCCESS, TriggerRule.ALL_DONE],
  ...[TriggerRule.ONE_SUCCESS, TriggerRule.NONE_FAILED, TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS],
];

type TaskInit = NonNullable<DagInit['tasks']>[number];

/** A DAG `d`. */
export function randomSpec(chance: Chance): DagInit {
  const { below, random } = chance;
  const hasPast = random() < 0.3;
  const groups = random() < 0.6 ? ['g', 'g.h'] : [];
  const tasks: TaskInit[] = [];
  const count = 3 + below(5);
  for (let index = 0; index < count; index++) {
    tasks.push(randomTask(chance, { index, groups, hasPast }));
  }
  return {
    dagId: 'd',
    tasks,
    activeRunsMax: 3,
    activeTasksMax: 500,
    taskGroups: groups.map((groupId) => ({
      groupId,
      parentGroupId: groupId === 'g' ? '' : 'g',
      ...(random() < 0.7 ? { mapping: mappingOver(chance, 0) } : {}),
    })),
    callbacks: random() < 0.3 ? [callback(CallbackEvent.FAILURE)] : [],
    deadlines:
      random() < 0.4
        ? [{ reference: { case: 'queuedAt', value: {} }, interval: { seconds: 30n } }]
        : [],
  };
}

function randomTask(
  chance: Chance,
  of: { readonly index: number; readonly groups: readonly string[]; readonly hasPast: boolean },
): TaskInit {
  const { pick, random } = chance;
  const { index, groups, hasPast } = of;
  const above = Array.from({ length: index }, (_, at) => at).filter(() => random() < 0.4);
  const isMapped = random() < 0.3;
  const source = isMapped && above.length > 0 && random() < 0.7 ? pick(above) : undefined;
  const kind = random();
  return {
    taskId: `t${index}`,
    upstreamTaskIds: above.map((at) => `t${at}`),
    triggerRule: pick(RULES),
    retry: { retries: chance.below(3), delay: { seconds: 5n } },
    dependsOnPast: hasPast && random() < 0.5,
    taskGroupId: groups.length > 0 && random() < 0.6 ? pick(groups) : '',
    ...(random() < 0.3
      ? { callbacks: [callback(pick([CallbackEvent.FAILURE, CallbackEvent.RETRY]))] }
      : {}),
    ...(random() < 0.2 ? { sla: { seconds: 20n } } : {}),
    ...(random() < 0.2 ? { executionTimeout: { seconds: 40n } } : {}),
    ...(isMapped ? { mapping: mappingOver(chance, 1, source) } : {}),
    ...(kind < 0.1 ? { isEmpty: true } : {}),
    ...(kind > 0.9 ? { trigger: timer(chance) } : {}),
    ...(kind > 0.8 && kind < 0.9 ? { humanInput: question() } : {}),
  };
}

function mappingOver(
  { below }: Chance,
  least: number,
  source?: number,
): NonNullable<TaskInit['mapping']> {
  const valueJson = JSON.stringify(Array.from({ length: least + below(3) }, (_, at) => at));
  const kind =
    source === undefined
      ? ({ case: 'valueJson', value: valueJson } as const)
      : ({ case: 'taskId', value: `t${source}` } as const);
  return { kind: { case: 'product', value: { arguments: [{ name: 'x', source: { kind } }] } } };
}

function callback(event: CallbackEvent) {
  return { event, action: { case: 'handler', value: 'tell' } } as const;
}

function timer({ below }: Chance) {
  const value = { moment: { case: 'after', value: { seconds: BigInt(below(20)) } } } as const;
  return { kind: { case: 'timer', value } } as const;
}

function question() {
  return { subject: 'go?', options: ['yes', 'no'], timeout: { seconds: 25n } };
}

/** What a try comes to. */
export function outcomeFor(chance: Chance, { instance }: Attempt): OutcomeInit {
  const { random, below, pick } = chance;
  const { run, task } = instance;
  const dice = random();
  if (dice < 0.55) {
    const below1 = task.downstream.map((index) => run.version.tasks[index]?.taskId ?? '');
    const isBranch = below1.length > 0 && random() < 0.2;
    const followIds = isBranch ? [pick(below1)] : [];
    const direction = { kind: { case: 'branch', value: { followIds } } } as const;
    return {
      end: AttemptEnd.SUCCESS,
      ...(random() < 0.9 ? { mapLength: below(4) } : {}),
      ...(isBranch ? { direction } : {}),
    };
  }
  if (dice < 0.7) return { end: AttemptEnd.FAILED };
  if (dice < 0.75) return { end: AttemptEnd.SKIPPED };
  if (dice < 0.8) return { end: AttemptEnd.LOST };
  if (dice < 0.85) {
    const rescheduleAt = toTimestamp(LATER_MS);
    return {
      end: AttemptEnd.RESCHEDULED,
      rescheduleAt: random() < 0.9 ? toTimestamp(0) : rescheduleAt,
    };
  }
  if (dice < 0.9) {
    return { end: AttemptEnd.AWAITING_INPUT, awaitInput: { humanInput: question() } };
  }
  const timeout = { seconds: BigInt(1 + below(30)) };
  return { end: AttemptEnd.DEFERRED, defer: { trigger: timer(chance), timeout, method: 'm' } };
}
