// Why is it waiting? Everything that holds a task instance back, by name and with values.
import type { Task } from './dag-version.ts';
import { firstOf } from './heap.ts';
import { type Instance, nameOf } from './instance.ts';
import { relevantSpan } from './relevant.ts';
import { exhaustedLimit, type Limit, type LimitKind } from './limit.ts';
import type { Picture, Run } from './picture.ts';
import { freeSlots } from './pool.ts';
import { DagRunState, isFinished, isRunFinished, nameOfState, TaskInstanceState } from './state.ts';
import { nameOfRule } from './trigger-rule.ts';
import { countPresent } from './worker-register.ts';

/** One thing that holds an instance back. */
export type Blocker = {
  readonly kind: string;
  /** A task id, a pool, a queue, a DAG. */
  readonly subject: string;
  readonly message: string;
  /** When it ends by itself, epoch milliseconds. */
  readonly untilMs?: number | undefined;
};

export type Explanation = {
  readonly state: string;
  readonly summary: string;
  readonly blockers: readonly Blocker[];
};

/** Explains an instance; `instance` is undefined while its run has not begun. */
export function explain(
  picture: Picture,
  monotonicMs: number,
  about: { readonly run: Run; readonly task: Task; readonly instance: Instance | undefined },
): Explanation {
  const { run, task, instance } = about;
  const blockers = [
    ...runBlockers(run),
    ...(instance === undefined ? [] : instanceBlockers(picture, monotonicMs, instance)),
  ];
  const state = nameOfState(instance?.state ?? TaskInstanceState.NONE);
  return { state, summary: summarise(task, instance, blockers), blockers };
}

function runBlockers(run: Run): Blocker[] {
  const { dag } = run;
  if (isRunFinished(run.state)) return [];
  const blockers: Blocker[] = [];
  if (dag.isPaused) {
    const message = `DAG "${dag.dagId}" is paused; unpause it`;
    blockers.push({ kind: 'dag_paused', subject: dag.dagId, message });
  }
  if (run.state !== DagRunState.QUEUED) return blockers;
  blockers.push({ kind: 'run_queued', subject: run.runId, message: 'its run has not begun' });
  const { activeRunsMax } = dag.version;
  if (dag.runningCount >= activeRunsMax) {
    const runs = `${dag.runningCount} of at most ${activeRunsMax} runs`;
    const message = `${runs} of "${dag.dagId}" are running`;
    blockers.push({ kind: 'active_runs_max', subject: dag.dagId, message });
  }
  return blockers;
}

function instanceBlockers(picture: Picture, monotonicMs: number, instance: Instance): Blocker[] {
  switch (instance.state) {
    case TaskInstanceState.NONE:
      return upstreamBlockers(instance);
    case TaskInstanceState.SCHEDULED:
      return admissionBlockers(instance);
    case TaskInstanceState.QUEUED:
      return [workerBlocker(picture, monotonicMs, instance)];
    case TaskInstanceState.UP_FOR_RETRY: {
      const untilMs = instance.nextTryMs;
      const at = untilMs === undefined ? 'soon' : `at ${new Date(untilMs).toISOString()}`;
      const message = `try ${instance.tryNumber} failed; the next one begins ${at}`;
      return [{ kind: 'retry_delay', subject: instance.task.taskId, message, untilMs }];
    }
    default:
      if (!isFinished(instance.state)) return [];
      return [
        {
          kind: 'finished',
          subject: instance.task.taskId,
          message: `it is finished (${nameOfState(instance.state)}); clear it to run it again`,
        },
      ];
  }
}

function upstreamBlockers(instance: Instance): Blocker[] {
  const { run, task } = instance;
  const blockers = task.above.flatMap((relation): Blocker[] => {
    const { from, to } = relevantSpan(instance, relation);
    const above = run.nodes[relation.index]?.instances.slice(from, to) ?? [];
    const open = above.find(({ state }) => !isFinished(state));
    if (open === undefined) return [];
    const subject = nameOf(open);
    const message = `upstream task "${subject}" is ${nameOfState(open.state)}`;
    return [{ kind: 'upstream', subject, message }];
  });
  if (blockers.length > 0) return blockers;
  const message = `its trigger rule ${nameOfRule(task.rule)} is not met`;
  return [{ kind: 'trigger_rule', subject: nameOfRule(task.rule), message }];
}

function admissionBlockers(instance: Instance): Blocker[] {
  const { lane, task } = instance;
  const limit = exhaustedLimit(lane);
  // A closed gate is the pause, which the run's blockers name already.
  const blockers = limit === undefined || limit.kind === 'dag_paused' ? [] : [limitBlocker(limit)];
  const { pool } = lane;
  if (pool.slots !== undefined && freeSlots(pool) < task.poolSlots) {
    const taken = `pool "${pool.name}" has ${pool.used} of ${pool.slots} slots taken`;
    const message = `${taken} and the task needs ${task.poolSlots}`;
    blockers.push({ kind: 'pool', subject: pool.name, message });
  }
  if (pool.isMissing) {
    const message = `there is no pool "${pool.name}"; make it, or name another in the DAG`;
    blockers.push({ kind: 'pool', subject: pool.name, message });
  }
  return blockers;
}

function limitBlocker(limit: Limit): Blocker {
  const what: Readonly<Record<LimitKind, string>> = {
    dag_paused: 'the DAG',
    active_tasks_max: 'tasks of this run',
    active_tis_per_dag_max: `instances of "${limit.subject}" over all runs`,
    active_tis_per_dagrun_max: `instances of "${limit.subject}" in this run`,
    key_limit: '', key_rate: '', key_paused: '',
  };
  const active = `${limit.active} of at most ${limit.max} ${what[limit.kind]}`;
  const message = `${active} are queued or running`;
  return { kind: limit.kind, subject: limit.subject, message };
}

function workerBlocker(picture: Picture, monotonicMs: number, instance: Instance): Blocker {
  const { queue } = instance.task;
  const count = countPresent(picture.workers, queue, monotonicMs);
  if (count === 0) {
    const next = `start one with DAGMESH_WORKER_QUEUES=${queue}`;
    const message = `no worker serves queue "${queue}"; ${next}`;
    return { kind: 'no_worker', subject: queue, message };
  }
  const first = firstOf(picture.queues.get(queue)?.ready ?? { members: [], isBefore: () => false });
  const ahead =
    first === undefined || first === instance ? '' : '; others with higher rank go first';
  const message = `all slots of the ${count} worker(s) of queue "${queue}" are busy${ahead}`;
  return { kind: 'worker_busy', subject: queue, message };
}

function summarise(
  task: Task,
  instance: Instance | undefined,
  blockers: readonly Blocker[],
): string {
  const [first] = blockers;
  if (first !== undefined) {
    const more = blockers.length > 1 ? ` (and ${blockers.length - 1} more)` : '';
    return `"${task.taskId}" waits: ${first.message}${more}`;
  }
  if (instance?.state === TaskInstanceState.RUNNING) {
    return `"${task.taskId}" is running on worker ${instance.attempt?.workerId ?? 'unknown'}`;
  }
  return `nothing holds "${task.taskId}" back`;
}
