// The owner of every DAG, faked: it answers from memory and notes what was asked.
import { DagRunState, RunType, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { BackfillAction, BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type { TaskInstanceSelection } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Handlers, RpcService } from '#kernel/rpc/service.ts';
import { refuse, served, type Tap } from './fake-tap.ts';
import { BACKFILL_ID, type World } from './fake-world.ts';

type Some = Partial<Handlers<typeof SchedulerService>>;
type Known = (dagId: string) => void;

/** Serves the world's DAGs. A triggered run is queued until a test changes it. */
export function fakeScheduler(world: World, tap: Tap): RpcService[] {
  const known: Known = (dagId) => {
    if (!world.dags.has(dagId)) refuse('dag_not_found', `there is no DAG "${dagId}"; see them all`);
  };
  return [
    served(tap, SchedulerService, {
      ...runCommands(world, known),
      ...taskCommands(world, known),
      ...backfillCommands(known),
      ...explanations(known),
    }),
  ];
}

function runCommands(world: World, known: Known): Some {
  return {
    triggerDagRun: async ({ dagId, runId: wanted, confJson }) => {
      known(dagId);
      const runId = wanted || `manual__${world.runs.size + 1}`;
      if (world.runs.has(runId)) refuse('run_exists', `run ${runId} exists; choose another run_id`);
      const state = DagRunState.QUEUED;
      const run = { dagId, runId, id: runId, confJson, state, runType: RunType.MANUAL };
      world.runs.set(runId, run);
      return { runId, dagRunId: runId };
    },
    cancelDagRun: async ({ dagId }) => {
      known(dagId);
      return { cancelledAttemptsCount: 2 };
    },
    markDagRun: async ({ dagId, runId, state }) => {
      known(dagId);
      return { taskInstances: keysOf(runId, ['load']), state };
    },
    setDagPaused: async ({ dagId }) => {
      known(dagId);
      return {};
    },
    pauseKey: async ({ dagId, key }) => {
      known(dagId);
      if (key !== 'api') refuse('key_not_found', `DAG ${dagId} has no limit key ${key}`);
      return {};
    },
  };
}

function taskCommands(world: World, known: Known): Some {
  const selected = (selection: TaskInstanceSelection | undefined) => {
    known(selection?.dagId ?? '');
    const { taskIds = [], runId = '' } = selection ?? {};
    const taskInstances = keysOf(runId, taskIds.length > 0 ? taskIds : ['extract', 'validate']);
    return { taskInstances, totalCount: taskInstances.length };
  };
  return {
    clearTaskInstances: async ({ selection }) => selected(selection),
    markTaskInstances: async ({ selection }) => {
      const { soAlready, failed } = world.marks;
      const meant = selected(selection).taskInstances;
      const taskInstances = meant.filter(({ taskId }) => !soAlready.includes(taskId));
      const clearedTaskInstances = keysOf(selection?.runId ?? '', failed);
      const clearedCount = clearedTaskInstances.length;
      return {
        taskInstances,
        totalCount: taskInstances.length,
        clearedTaskInstances,
        clearedCount,
      };
    },
    setNote: async ({ dagId }) => {
      known(dagId);
      return {};
    },
    respondHumanInput: async ({ taskId }) => {
      const input = world.humanInputs.find((one) => one.taskId === taskId);
      if (input === undefined || input.response !== undefined) {
        refuse('not_awaiting_input', `${taskId} does not wait for an answer`);
      }
      return {};
    },
  };
}

function backfillCommands(known: Known): Some {
  return {
    createBackfill: async ({ backfill, dryRun }) => {
      known(backfill?.dagId ?? '');
      const { $typeName: _typeName, ...wanted } = { ...backfill };
      const date = (day: number, action: BackfillAction) => ({
        ordinal: day,
        logicalDate: toTimestamp(Date.UTC(2026, 0, day)),
        dataIntervalStart: toTimestamp(Date.UTC(2026, 0, day)),
        dataIntervalEnd: toTimestamp(Date.UTC(2026, 0, day + 1)),
        action,
      });
      const fromMs = fromTimestamp(wanted.fromDate) ?? 0;
      const dates = [date(1, BackfillAction.CREATE), date(2, BackfillAction.IN_FLIGHT)].filter(
        ({ ordinal }) => Date.UTC(2026, 0, ordinal) >= fromMs,
      );
      const state = BackfillState.RUNNING;
      return { backfill: { ...wanted, state, dates, backfillId: dryRun ? '' : BACKFILL_ID } };
    },
    changeBackfill: async ({ dagId, backfillId, state }) => {
      known(dagId);
      return { backfill: { backfillId, dagId, state: state || BackfillState.RUNNING } };
    },
  };
}

function explanations(known: Known): Some {
  return {
    explain: async ({ dagId }) => {
      known(dagId);
      return {
        state: 'none',
        summary: 'It waits for validate.',
        blockers: [{ kind: 'upstream', subject: 'validate', message: 'validate is running' }],
      };
    },
    explainDag: async ({ dagId, nextRuns }) => {
      known(dagId);
      const runs = Array.from({ length: nextRuns }, (_, day) => ({
        logicalDate: toTimestamp(Date.UTC(2026, 1, day + 1)),
        runAfter: toTimestamp(Date.UTC(2026, 1, day + 2)),
      }));
      const remedy = `Unpause it: dagmesh dags unpause ${dagId}`;
      return {
        summary: 'It is paused.',
        schedule: '0 0 * * * (UTC)',
        blockers: [{ kind: 'dag_paused', subject: dagId, message: 'the DAG is paused', remedy }],
        nextRuns: runs,
      };
    },
  };
}

function keysOf(runId: string, taskIds: readonly string[]) {
  const state = TaskInstanceState.FAILED;
  return taskIds.map((taskId) => ({ runId, taskId, mapIndex: -1, state }));
}
