// A task in a run, and its instances: one, or as many as there is data.
import type { Wait } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Task } from './graph/task.ts';
import type { Lane } from './lines.ts';
import type { Run } from './run/run.ts';
import type { SkipDecision } from './graph/direction.ts';
import type { Share } from './limit/fair-line.ts';
import { noCounts, type UpstreamCounts } from './graph/trigger-rule.ts';
import { TaskInstanceState } from './state.ts';

/** A task in a run. */
export type Node = {
  readonly run: Run;
  readonly task: Task;
  /** By map index; before expansion, and for a task that is not mapped, the single one. */
  instances: Instance[];
  /**
   * How many instances it has on each level of its mappings, outermost first; undefined before
   * expansion. Empty for a task that is not mapped.
   */
  lengths: readonly number[] | undefined;
  /** Instances that are still to be made: a wide expansion is made page by page. */
  missingCount: number;
  /** True when what decides its number of instances may have changed since it was expanded. */
  isStale: boolean;
  /** Instances in state NONE. */
  openCount: number;
  /** What its own instances have come to, those still to be made included. */
  readonly own: UpstreamCounts;
  /** What all instances above it have come to that share no mapped group with it. */
  readonly above: UpstreamCounts;
  /** True once a task directly above decided about the tasks below it. */
  isDirected: boolean;
  /** Map indexes of the instances that returned something, in order; undefined: to be counted. */
  returned: readonly number[] | undefined;
};

/** A task instance. Its row fields are those of TaskInstance; instants in epoch milliseconds. */
export type Instance = {
  readonly id: string;
  readonly node: Node;
  readonly run: Run;
  readonly task: Task;
  readonly lane: Lane;
  readonly seq: number;
  /** −1 when it is not mapped, or not yet expanded. */
  mapIndex: number;
  state: TaskInstanceState;
  tryNumber: number;
  triesMax: number;
  epoch: number;
  attemptId: string;
  scheduledAtMs: number | undefined;
  queuedAtMs: number | undefined;
  startMs: number | undefined;
  endMs: number | undefined;
  nextTryMs: number | undefined;
  stateReason: string;
  lossesCount: number;
  mapLength: number | undefined;
  mapLabel: string;
  skipDecision: SkipDecision | undefined;
  deadlineMs: number | undefined;
  waitingSinceMs: number | undefined;
  reschedulesCount: number;
  wait: Wait | undefined;
  note: string;
  /** The last try of which somebody was told that it begins. */
  announcedTry: number;
  /** Its live attempt. */
  attempt: Attempt | undefined;
  /** Rejections in a row; enough of them make it wait. */
  rejectionsCount: number;
  /** Its rank among those that wait, since it was last SCHEDULED. */
  urgency: number;
  /** True while it takes slots of its pool. */
  holdsSlots: boolean;
  /** Pool slots the ledger has given to it, as far as is known. */
  slotsHeld: number;
  isStored: boolean;
  /** Where it stands in its queue's line; undefined when it does not. */
  share: Share<Instance> | undefined;
  /** Its place in its lane while SCHEDULED, in its share of the queue while QUEUED. */
  heapIndex: number;
};

/** A task in a run, without instances yet. */
export function newNode(run: Run, task: Task): Node {
  return {
    run,
    task,
    instances: [],
    lengths: task.levels.length === 0 ? [] : undefined,
    missingCount: 0,
    isStale: false,
    openCount: 0,
    own: noCounts(),
    above: noCounts(),
    isDirected: false,
    returned: undefined,
  };
}

/** An instance that nothing has happened to. */
export function newInstance(
  node: Node,
  lane: Lane,
  place: { readonly id: string; readonly seq: number; readonly mapIndex: number },
): Instance {
  // Field by field: what is spread first would be kept in a second object beside this one.
  return {
    id: place.id,
    node,
    run: node.run,
    task: node.task,
    lane,
    seq: place.seq,
    mapIndex: place.mapIndex,
    state: TaskInstanceState.NONE,
    tryNumber: 0,
    triesMax: node.task.retries,
    epoch: 0,
    attemptId: '',
    scheduledAtMs: undefined,
    queuedAtMs: undefined,
    startMs: undefined,
    endMs: undefined,
    nextTryMs: undefined,
    stateReason: '',
    lossesCount: 0,
    mapLength: undefined,
    mapLabel: '',
    skipDecision: undefined,
    deadlineMs: undefined,
    waitingSinceMs: undefined,
    reschedulesCount: 0,
    wait: undefined,
    note: '',
    announcedTry: 0,
    attempt: undefined,
    rejectionsCount: 0,
    urgency: node.task.priority,
    holdsSlots: false,
    slotsHeld: 0,
    isStored: false,
    share: undefined,
    heapIndex: -1,
  };
}

/** True for a mapped task that has not been expanded yet. */
export function isUnexpanded({ lengths }: Node): boolean {
  return lengths === undefined;
}

/** All instances of a run, in the order of its tasks, then of map indexes. */
export function* instancesOf(run: Run): Generator<Instance> {
  for (const node of run.nodes) yield* node.instances;
}

/** The instance of a task in a run; undefined when there is none (yet). */
export function instanceOf(run: Run, taskId: string, mapIndex = -1): Instance | undefined {
  const index = run.version.taskIndexes.get(taskId);
  const node = index === undefined ? undefined : run.nodes[index];
  const instance = node?.instances[Math.max(mapIndex, 0)];
  return instance?.mapIndex === mapIndex ? instance : undefined;
}

/** `task` or `task[3]`, as people name instances. */
export function nameOf({ task, mapIndex }: Pick<Instance, 'task' | 'mapIndex'>): string {
  return mapIndex < 0 ? task.taskId : `${task.taskId}[${mapIndex}]`;
}
