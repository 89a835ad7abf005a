// What decisions depend on, of a whole picture, in a form that can be compared.
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Instance, Node } from '../core/instance.ts';
import type { Run } from '../core/run/run.ts';
import { takenSlots } from '../core/limit/pool.ts';
import { nameOfState, TaskInstanceState } from '../core/state.ts';
import type { Simulation } from '../simulator/simulation.ts';

/** Tasks whose number of instances is asked for anew before the next of them begins. */
export function staleNodes(simulation: Simulation): ReadonlySet<string> {
  const nodes = simulation.runs().flatMap((run) => run.nodes.filter(({ isStale }) => isStale));
  return new Set(nodes.map(placeOf));
}

function placeOf({ run, task }: Node): string {
  return `${run.id} ${task.taskId}`;
}

/** The facts about the DAG `d`; of tasks named in `stale` the lengths are left out. */
export function factsOf(simulation: Simulation, stale: ReadonlySet<string>) {
  const { picture } = simulation;
  const dag = simulation.dag('d');
  const runs = [...dag.runs.values()].toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
  return {
    runs: runs.map((run) => factsOfRun(run, stale)),
    waits: [...picture.waits.keys()].toSorted(),
    attempts: [...picture.attempts.values()]
      .map(
        ({ attemptId, isResumed, epoch, tryNumber }) =>
          `${attemptId} ${isResumed} ${epoch} ${tryNumber}`,
      )
      .toSorted(),
    slots: [...picture.pools.values()].map((pool) => `${pool.name} ${takenSlots(pool)}`),
    counts: [dag.runningCount, dag.scheduledCount, dag.queuedRuns.members.length],
    backfills: [...dag.backfills.values()].map(({ backfillId, state, dates }) => ({
      ...{ backfillId, state },
      dates: dates.map(({ ordinal, action, runId }) => `${ordinal} ${action} ${runId}`),
    })),
  };
}

function factsOfRun(run: Run, stale: ReadonlySet<string>) {
  return {
    ...{ runId: run.runId, state: run.state, runType: run.runType, clears: run.clearNumber },
    counts: [run.unfinishedCount, run.stirringCount, run.limit.active],
    backfill: `${run.backfillId} ${run.backfillOrdinal}`,
    deadlines: run.deadlines.map(({ name, dueAt }) => `${name} ${fromTimestamp(dueAt)}`),
    slaMissed: [...run.slaMissed].toSorted(),
    times: [run.queuedAtMs, run.startMs],
    nodes: run.nodes.map((node) => factsOfNode(node, stale)),
  };
}

function factsOfNode(node: Node, stale: ReadonlySet<string>) {
  const { instances, missingCount, openCount, own, above, task } = node;
  return {
    taskId: task.taskId,
    counts: [missingCount, openCount],
    lengths: stale.has(placeOf(node)) ? 'stale' : node.lengths,
    ...{ own: { ...own }, above: { ...above } },
    instances: instances.map(factsOfInstance),
  };
}

function factsOfInstance(instance: Instance) {
  const { wait, ...rest } = instance;
  const isInLine =
    rest.state === TaskInstanceState.SCHEDULED || rest.state === TaskInstanceState.QUEUED;
  return [
    ...[rest.mapIndex, nameOfState(rest.state), `try ${rest.tryNumber}/${rest.triesMax}`],
    ...[rest.epoch, rest.attemptId, rest.lossesCount, rest.reschedulesCount, rest.mapLength],
    ...[rest.nextTryMs, rest.deadlineMs, rest.waitingSinceMs, rest.startMs, rest.endMs],
    ...[rest.skipDecision?.json, rest.holdsSlots, rest.slotsHeld],
    isInLine ? rest.urgency : '',
    ...[wait?.waitId, fromTimestamp(wait?.until), wait?.eventJson, wait?.error, wait?.keepsSlots],
  ].join(' ');
}
