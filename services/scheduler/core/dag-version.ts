// A DAG version made ready for decisions: tasks by index, edges both ways, summed priorities,
// leaves.
import type { ParamSpec, TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { type TriggerRule, WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { DagVersionRecord } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { type CompiledTimetable, parseTimetable } from '#kernel/timetable/timetable.ts';
import { prioritiesOf } from './priority.ts';
import type { RetryRule } from './retry-delay.ts';

/** An argument that an upstream task of the same run pushes. */
export type UpstreamInput = {
  readonly name: string;
  readonly taskId: string;
  readonly key: string;
};

/** A task, with its neighbours as indexes into `DagVersion.tasks`. */
export type Task = {
  readonly index: number;
  readonly taskId: string;
  readonly handler: string;
  readonly queue: string;
  readonly upstream: readonly number[];
  readonly downstream: readonly number[];
  readonly rule: TriggerRule;
  readonly pool: string;
  readonly poolSlots: number;
  /** Summed along the graph by its weight rule. */
  readonly priority: number;
  /** Further tries after the first. */
  readonly retries: number;
  readonly retry: RetryRule;
  readonly executionTimeoutMs: number | undefined;
  /** 0 means no limit. */
  readonly activeTisPerDagMax: number;
  /** 0 means no limit. */
  readonly activeTisPerDagrunMax: number;
  /** JSON object with the arguments that are literals. */
  readonly literalsJson: string;
  readonly upstreamInputs: readonly UpstreamInput[];
  readonly connections: readonly string[];
  readonly isEmpty: boolean;
};

/** A version of a DAG. Never changes; runs keep the one that started them. */
export type DagVersion = {
  readonly dagVersionId: bigint;
  readonly dagId: string;
  readonly dagFile: string;
  readonly tasks: readonly Task[];
  readonly taskIndexes: ReadonlyMap<string, number>;
  /** Indexes of the tasks that decide how the run ends: those without downstream. */
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
};

/** Airflow's defaults, for specs that leave a field at protobuf's zero. */
const ACTIVE_RUNS_MAX = 16;
const ACTIVE_TASKS_MAX = 16;
const RETRY_DELAY_MS = 300_000;

/**
 * Makes a version ready. References to tasks that do not exist are dropped, as the dag-processor
 * refuses them long before. Throws a plain Error with a sentence when the tasks form a cycle or the
 * timetable is wrong.
 */
export function compileVersion(record: DagVersionRecord): DagVersion {
  const { dagVersionId, dagId, dagFile, spec } = record;
  if (spec === undefined) throw new Error(`version ${dagVersionId} of DAG ${dagId} has no spec`);
  const taskIndexes = new Map(spec.tasks.map((task, index) => [task.taskId, index]));
  const tasks = compileTasks(spec.tasks, taskIndexes, dagId);
  return {
    dagVersionId,
    dagId,
    dagFile,
    tasks,
    taskIndexes,
    leaves: tasks.filter((task) => task.downstream.length === 0).map((task) => task.index),
    activeRunsMax: spec.activeRunsMax || ACTIVE_RUNS_MAX,
    activeTasksMax: spec.activeTasksMax || ACTIVE_TASKS_MAX,
    dagrunTimeoutMs: fromDuration(spec.dagrunTimeout),
    timetable: spec.timetable === undefined ? undefined : parseTimetable(spec.timetable),
    startMs: fromTimestamp(spec.startDate),
    endMs: fromTimestamp(spec.endDate),
    catchup: spec.catchup,
    params: spec.params,
  };
}

/** The task of that name; undefined when the version has none. */
export function taskOf(version: DagVersion, taskId: string): Task | undefined {
  const index = version.taskIndexes.get(taskId);
  return index === undefined ? undefined : version.tasks[index];
}

function compileTasks(
  specs: readonly TaskSpec[],
  taskIndexes: ReadonlyMap<string, number>,
  dagId: string,
): Task[] {
  const upstream = specs.map((spec) => {
    const indexes = spec.upstreamTaskIds.map((taskId) => taskIndexes.get(taskId));
    return [...new Set(indexes.filter((index) => index !== undefined))];
  });
  const downstream: number[][] = specs.map(() => []);
  for (const [index, indexes] of upstream.entries()) {
    for (const above of indexes) downstream[above]?.push(index);
  }
  const edges = specs.map((spec, index) => ({
    weight: spec.priorityWeight,
    weightRule: spec.weightRule || WeightRule.DOWNSTREAM,
    upstream: upstream[index] ?? [],
    downstream: downstream[index] ?? [],
  }));
  const priorities = prioritiesOf(edges, topologicalOrder(edges, dagId));
  return specs.map((spec, index) => ({
    ...ownFields(spec),
    index,
    upstream: upstream[index] ?? [],
    downstream: downstream[index] ?? [],
    priority: priorities[index] ?? 0,
  }));
}

function ownFields(spec: TaskSpec): Omit<Task, 'index' | 'upstream' | 'downstream' | 'priority'> {
  return {
    taskId: spec.taskId,
    handler: spec.handler,
    queue: spec.queue || 'default',
    rule: spec.triggerRule,
    pool: spec.pool || 'default_pool',
    poolSlots: spec.poolSlots || 1,
    retries: spec.retry?.retries ?? 0,
    retry: {
      delayMs: fromDuration(spec.retry?.delay) ?? RETRY_DELAY_MS,
      exponentialBackoff: spec.retry?.exponentialBackoff ?? 0,
      delayMaxMs: fromDuration(spec.retry?.delayMax),
    },
    executionTimeoutMs: fromDuration(spec.executionTimeout),
    activeTisPerDagMax: spec.activeTisPerDagMax,
    activeTisPerDagrunMax: spec.activeTisPerDagrunMax,
    ...inputsOf(spec),
    connections: spec.connections,
    isEmpty: spec.isEmpty,
  };
}

function inputsOf(spec: TaskSpec): Pick<Task, 'literalsJson' | 'upstreamInputs'> {
  const literals: string[] = [];
  const upstreamInputs: UpstreamInput[] = [];
  for (const { name, source } of spec.inputs) {
    if (source.case === 'valueJson') literals.push(`${JSON.stringify(name)}:${source.value}`);
    if (source.case === 'xcom') {
      const { taskId, key } = source.value;
      upstreamInputs.push({ name, taskId, key: key || 'return_value' });
    }
  }
  return { literalsJson: `{${literals.join(',')}}`, upstreamInputs };
}

/** All indexes, upstream tasks first (Kahn's algorithm). */
function topologicalOrder(
  edges: readonly {
    readonly upstream: readonly number[];
    readonly downstream: readonly number[];
  }[],
  dagId: string,
): number[] {
  const missing = edges.map(({ upstream }) => upstream.length);
  const order = edges.flatMap(({ upstream }, index) => (upstream.length === 0 ? [index] : []));
  for (let at = 0; at < order.length; at++) {
    for (const index of edges[order[at] ?? 0]?.downstream ?? []) {
      const left = (missing[index] ?? 0) - 1;
      missing[index] = left;
      if (left === 0) order.push(index);
    }
  }
  if (order.length < edges.length) throw new Error(`the tasks of DAG ${dagId} form a cycle`);
  return order;
}
