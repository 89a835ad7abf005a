// Versions of DAGs made ready for decisions: their tasks, limits, dates, leaves.
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { DagVersionRecord } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import {
  activeRunsLimit,
  type CompiledTimetable,
  parseTimetable,
} from '#kernel/timetable/timetable.ts';
import { compileTasks } from './compile-tasks.ts';
import type { DagVersion } from './dag-version.ts';
import { decidingLeaves } from './graph.ts';
import type { Task } from './task.ts';

/** Airflow's defaults, for specs that leave a field at protobuf's zero. */
const ACTIVE_RUNS_MAX = 16;
const ACTIVE_TASKS_MAX = 16;

/**
 * Makes a version ready. References to tasks that do not exist are dropped, as the dag-processor
 * refuses them long before. Throws a plain Error with a sentence when the tasks form a cycle, or
 * the timetable or a mapping is wrong.
 */
export function compileVersion(record: DagVersionRecord): DagVersion {
  const { dagVersionId, dagId, dagFile, spec } = record;
  if (spec === undefined) throw new Error(`version ${dagVersionId} of DAG ${dagId} has no spec`);
  const tasks = compileTasks(spec);
  const timetable = spec.timetable === undefined ? undefined : parseTimetable(spec.timetable);
  return {
    dagVersionId,
    dagId,
    dagFile,
    bundleName: record.bundleName,
    bundleVersion: record.bundleVersion,
    spec,
    tasks,
    taskIndexes: new Map(tasks.map(({ taskId, index }) => [taskId, index])),
    groupTasks: groupTasksOf(tasks),
    leaves: decidingLeaves(tasks),
    activeRunsMax: Math.min(spec.activeRunsMax || ACTIVE_RUNS_MAX, runsLimitOf(timetable)),
    activeTasksMax: spec.activeTasksMax || ACTIVE_TASKS_MAX,
    dagrunTimeoutMs: fromDuration(spec.dagrunTimeout),
    timetable,
    ...spanOf(spec),
    catchup: spec.catchup,
    params: spec.params,
    failFast: spec.failFast,
    consecutiveFailedRunsMax: spec.consecutiveFailedRunsMax,
    allowedRunTypes: spec.allowedRunTypes,
    callbacks: spec.callbacks,
    deadlines: spec.deadlines,
    fairShareWeight: spec.fairShareWeight || 1,
    keyLimits: spec.keyLimits,
    followsLatest: spec.followsLatestVersion,
    hasPast: tasks.some(({ dependsOnPast }) => dependsOnPast),
    isWhole: true,
  };
}

/** Compiles what can be compiled; names the DAGs of the rest. */
export function compileAll(records: readonly DagVersionRecord[]): {
  readonly versions: ReadonlyMap<bigint, DagVersion>;
  readonly broken: readonly string[];
} {
  const versions = new Map<bigint, DagVersion>();
  const broken: string[] = [];
  for (const record of records) {
    try {
      versions.set(record.dagVersionId, compileVersion(record));
    } catch (error) {
      broken.push(`${record.dagId}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { versions, broken };
}

/** When the schedule applies: the DAG's own dates, else those that its tasks have in common. */
function spanOf(spec: DagSpec): Pick<DagVersion, 'startMs' | 'endMs'> {
  const starts = spec.tasks.flatMap((task) => fromTimestamp(task.startDate) ?? []);
  const ends = spec.tasks.flatMap((task) => fromTimestamp(task.endDate) ?? []);
  const ownStart = fromTimestamp(spec.startDate);
  const first = ownStart === undefined ? starts : [ownStart, ...starts];
  const haveAllEnds = spec.tasks.length > 0 && ends.length === spec.tasks.length;
  return {
    startMs: first.length === 0 ? undefined : Math.min(...first),
    endMs: fromTimestamp(spec.endDate) ?? (haveAllEnds ? Math.max(...ends) : undefined),
  };
}

/** How many runs at once the timetable itself bears. */
function runsLimitOf(timetable: CompiledTimetable | undefined): number {
  const limit = timetable === undefined ? undefined : activeRunsLimit(timetable);
  return limit ?? Number.POSITIVE_INFINITY;
}

function groupTasksOf(tasks: readonly Task[]): ReadonlyMap<string, readonly number[]> {
  const members = new Map<string, number[]>();
  for (const { groups, index } of tasks) {
    for (const group of groups) {
      const known = members.get(group);
      if (known === undefined) members.set(group, [index]);
      else known.push(index);
    }
  }
  return members;
}
