// A DAG version made ready for decisions: tasks by index, edges both ways, summed priorities,
// leaves.
import type { CallbackSpec, DeadlineSpec } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import type { DagSpec, KeyLimit, ParamSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { CompiledTimetable } from '#kernel/timetable/timetable.ts';
import type { Task } from './task.ts';

/** A version of a DAG. Never changes; runs keep the one that started them. */
export type DagVersion = {
  readonly dagVersionId: bigint;
  readonly dagId: string;
  readonly dagFile: string;
  readonly bundleName: string;
  readonly bundleVersion: string;
  /** What it was made from. */
  readonly spec: DagSpec;
  readonly tasks: readonly Task[];
  readonly taskIndexes: ReadonlyMap<string, number>;
  /** Ids of the tasks in each group, those of the groups in it too. */
  readonly groupTasks: ReadonlyMap<string, readonly number[]>;
  /** Indexes of the tasks that decide how the run ends. */
  readonly leaves: readonly number[];
  readonly activeRunsMax: number;
  readonly activeTasksMax: number;
  readonly dagrunTimeoutMs: number | undefined;
  /** Undefined when the DAG runs only when triggered. */
  readonly timetable: CompiledTimetable | undefined;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly catchup: boolean;
  readonly params: readonly ParamSpec[];
  readonly failFast: boolean;
  /** 0 means never. */
  readonly consecutiveFailedRunsMax: number;
  /** Empty means everything. */
  readonly allowedRunTypes: readonly RunType[];
  readonly callbacks: readonly CallbackSpec[];
  readonly deadlines: readonly DeadlineSpec[];
  readonly fairShareWeight: number;
  readonly keyLimits: readonly KeyLimit[];
  readonly followsLatest: boolean;
  /** True when a task looks at the run before. */
  readonly hasPast: boolean;
  /** False for a part of a DAG, and for a callback: the version of that id is another one. */
  readonly isWhole: boolean;
};

/** Whether the DAG may have runs of that type. */
export function allowsRunType({ allowedRunTypes }: DagVersion, runType: RunType): boolean {
  return allowedRunTypes.length === 0 || allowedRunTypes.includes(runType);
}

/** The task of that name; undefined when the version has none. */
export function taskOf(version: DagVersion, taskId: string): Task | undefined {
  const index = version.taskIndexes.get(taskId);
  return index === undefined ? undefined : version.tasks[index];
}

/** Indexes of the tasks that an id means: a task, or all tasks of a group; none when unknown. */
export function tasksNamed(version: DagVersion, id: string): readonly number[] {
  const index = version.taskIndexes.get(id);
  return index === undefined ? (version.groupTasks.get(id) ?? []) : [index];
}
