// A DAG version made ready for decisions: tasks by index, edges both ways, summed priorities,
// leaves.
import type { CallbackSpec, DeadlineSpec } from '#gen/dagmesh/dag/v1/alert_pb.ts';
import type { AssetPort } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { DagSpec, KeyLimit, ParamSpec, TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { type TriggerRule, WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { HumanInputSpec, TriggerSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { DagVersionRecord } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import {
  activeRunsLimit,
  type CompiledTimetable,
  parseTimetable,
} from '#kernel/timetable/timetable.ts';
import { decidingLeaves, invert, scopeSetups, topologicalOrder, type Vertex } from './graph.ts';
import type { MappingLevel } from '../mapping/mapping.ts';
import { prioritiesOf } from './priority.ts';
import type { RetryRule } from '../attempt/retry-delay.ts';
import { ownFields } from './task-fields.ts';
import { sharedDepth, looksAtAll, placeAt, placeTasks, sourceIds } from './task-groups.ts';

/** An argument whose value is read from elsewhere when an instance is leased. */
export type TaskInput =
  | {
      readonly kind: 'xcom';
      readonly name: string;
      readonly taskId: string;
      readonly key: string;
    }
  | {
      readonly kind: 'group';
      readonly name: string;
      readonly groupId: string;
      readonly argument: string;
    };

/** What a task without code does; `code` is for a worker. */
export type TaskKind = 'code' | 'empty' | 'latest_only' | 'human_input' | 'trigger';

/** Another task whose instances a task looks at. */
export type Relation = {
  readonly index: number;
  /** Mapped groups around both of them: their instances are looked at group by group. */
  readonly depth: number;
};

/** A task, with its neighbours as indexes into `DagVersion.tasks`. */
export type Task = Vertex & {
  readonly index: number;
  readonly taskId: string;
  readonly kind: TaskKind;
  readonly handler: string;
  readonly queue: string;
  /** Tasks directly above, one for each of `upstream`. */
  readonly above: readonly Relation[];
  /** True when it shares a mapped group with a task directly above. */
  readonly sharesGroups: boolean;
  /** Tasks directly below, one for each of `downstream`. */
  readonly below: readonly Relation[];
  /** Setups in whose scope it is, beside those directly above. */
  readonly setups: readonly Relation[];
  /** Tasks that have it among their `setups`. */
  readonly setupFor: readonly number[];
  /** Ids of the groups around it, outermost first. */
  readonly groups: readonly string[];
  /** Mappings around it and its own, outermost first; empty when it is not mapped. */
  readonly levels: readonly MappingLevel[];
  /** Indexes of the tasks that must have finished before it can be expanded. */
  readonly sources: readonly number[];
  /** True when the number of elements it returns decides how many instances others have. */
  readonly isMappedOver: boolean;
  readonly mapLabelTemplate: string;
  readonly rule: TriggerRule;
  readonly pool: string;
  readonly poolSlots: number;
  /** Summed along the graph by its weight rule. */
  readonly priority: number;
  /** Further tries after the first. */
  readonly retries: number;
  readonly retry: RetryRule;
  readonly retryRules: readonly RetryReason[];
  readonly executionTimeoutMs: number | undefined;
  /** 0 means no limit. */
  readonly activeTisPerDagMax: number;
  /** 0 means no limit. */
  readonly activeTisPerDagrunMax: number;
  readonly limitKeys: readonly string[];
  /** JSON object with the arguments that are literals. */
  readonly literalsJson: string;
  readonly inputs: readonly TaskInput[];
  readonly connections: readonly string[];
  readonly dependsOnPast: boolean;
  readonly waitsForDownstream: boolean;
  readonly heedsFirstPast: boolean;
  readonly waitsForPastToSkip: boolean;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly humanInput: HumanInputSpec | undefined;
  readonly trigger: TriggerSpec | undefined;
  readonly triggerTimeoutMs: number | undefined;
  readonly isSoftFail: boolean;
  readonly inlets: readonly AssetPort[];
  readonly outlets: readonly AssetPort[];
  readonly callbacks: readonly CallbackSpec[];
  readonly slaMs: number | undefined;
  /** What a callback's task does instead of calling its handler. */
  readonly action?: CallbackSpec['action'];
};

/** What follows failures of certain kinds. */
export type RetryReason = NonNullable<TaskSpec['retry']>['rules'][number];

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

function compileTasks(spec: DagSpec): readonly Task[] {
  const indexes = new Map(spec.tasks.map((task, index) => [task.taskId, index]));
  const known = (taskId: string) => indexes.get(taskId) ?? [];
  const upstream = spec.tasks.map(({ upstreamTaskIds }) => [
    ...new Set(upstreamTaskIds.flatMap(known)),
  ]);
  const downstream = invert(upstream);
  const vertices = spec.tasks.map((task, index) => vertexOf(task, index, upstream, downstream));
  const priorities = prioritiesIn(spec, vertices);
  const placed = placeTasks(spec);
  const mappedOver = new Set(placed.flatMap(({ levels }) => sourceIds(levels)));
  const setups = setupsAround(vertices);
  const setupFor = invert(setups);
  const above = spec.tasks.map((task, index) => relationsAbove(task, index));
  return spec.tasks.map((task, index): Task => {
    const { groups, levels } = placeAt(placed, index);
    const vertex = vertices[index] ?? vertexOf(task, index, upstream, downstream);
    const relations = above[index] ?? [];
    return {
      ...ownFields(task),
      ...vertex,
      index,
      above: relations,
      sharesGroups: relations.some(({ depth }) => depth > 0),
      below: vertex.downstream.map((other) => ({ index: other, depth: depthTo(other, index) })),
      setups: (setups[index] ?? []).map((other) => ({
        index: other,
        depth: sharedDepth(levels, placeAt(placed, other).levels),
      })),
      setupFor: setupFor[index] ?? [],
      groups,
      levels,
      sources: [...new Set(sourceIds(levels).flatMap(known))],
      isMappedOver: mappedOver.has(task.taskId),
      priority: clampWeight(priorities[index] ?? 0),
    };
  });

  function relationsAbove(task: TaskSpec, index: number): readonly Relation[] {
    const own = placeAt(placed, index);
    const sources = new Set(sourceIds(own.levels).flatMap(known));
    const isFast = looksAtAll(task.triggerRule, own);
    return (upstream[index] ?? []).map((other): Relation => {
      if (isFast && !sources.has(other)) return { index: other, depth: 0 };
      return { index: other, depth: sharedDepth(own.levels, placeAt(placed, other).levels) };
    });
  }

  function depthTo(below: number, index: number): number {
    return above[below]?.find((relation) => relation.index === index)?.depth ?? 0;
  }
}

/** The priority of each task; throws when the tasks form a cycle. */
function prioritiesIn(spec: DagSpec, vertices: readonly Vertex[]): readonly number[] {
  const order = topologicalOrder(vertices);
  if (order === undefined) throw new Error(`the tasks of DAG ${spec.dagId} form a cycle`);
  const weighed = spec.tasks.map((task, index) => ({
    weight: task.priorityWeight,
    weightRule: task.weightRule || WeightRule.DOWNSTREAM,
    upstream: vertices[index]?.upstream ?? [],
    downstream: vertices[index]?.downstream ?? [],
  }));
  return prioritiesOf(weighed, order);
}

/** The setups in whose scope each task is, beside those directly above it. */
function setupsAround(vertices: readonly Vertex[]): readonly (readonly number[])[] {
  const hasSetups = vertices.some(({ isSetup }) => isSetup);
  return vertices.map((vertex, index) => {
    if (!hasSetups || vertex.isTeardown) return [];
    return scopeSetups(vertices, index).filter((above) => !vertex.upstream.includes(above));
  });
}

function vertexOf(
  task: TaskSpec,
  index: number,
  upstream: readonly (readonly number[])[],
  downstream: readonly (readonly number[])[],
): Vertex {
  return {
    upstream: upstream[index] ?? [],
    downstream: downstream[index] ?? [],
    isSetup: task.isSetup,
    isTeardown: task.isTeardown,
    failsRun: task.onFailureFailDagrun,
  };
}

/** Weights are 32-bit numbers. */
function clampWeight(weight: number): number {
  return Math.max(-2_147_483_648, Math.min(2_147_483_647, weight));
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
